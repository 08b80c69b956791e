package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Usage;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What others change is noticed; what the driver changes itself is not told. */
@EnabledIf("dev.shadowplane.control.provision.netns.NetnsLab#isRoot")
class ChangeWatchTest {
  @Test
  void shouldTellOfEachKindOfChangeByOthers() throws Exception {
    try (NetnsLab lab = new NetnsLab()) {
      final NetnsDriver driver = lab.driver();
      final BlockingQueue<String> changes = new LinkedBlockingQueue<>();
      driver.onChange(changes::add);
      lab.make(
          driver,
          lab.network(null, false),
          lab.vm("a", "front", 10, List.of(NetnsLab.allow(Protocol.TCP, "80"))),
          lab.vm("b", "front", 11, List.of()),
          lab.web("a", 80));
      assertThat(changes.poll(2, TimeUnit.SECONDS)).as("our own doing").isNull();
      lab.in("a", "ip", "link", "set", "eth0", "down");
      expect(changes, lab, "a link");
      lab.in("a", "nft", "add", "table", "inet", "other");
      expect(changes, lab, "rules");
      final Cgroups cgroups = Cgroups.detect();
      ProcessHandle.of(cgroups.processes(lab.network + "/a/web").getFirst())
          .orElseThrow()
          .destroyForcibly();
      expect(changes, lab, "a program");
      NetnsLab.onHost("ip", "netns", "delete", Layout.vm(lab.network, "b"));
      expect(changes, lab, "a namespace");
      assertThat(lab.observed(driver, lab.key(ItemKey.Kind.VM, "b")).deviations())
          .containsExactly("namespace " + Layout.vm(lab.network, "b") + " is missing");
      lab.make(driver, lab.vm("b", "front", 11, List.of()));
      assertThat(lab.observed(driver, lab.key(ItemKey.Kind.VM, "b")).deviations()).isEmpty();
    }
  }

  private static void expect(
      final BlockingQueue<String> changes, final NetnsLab lab, final String what) throws Exception {
    assertThat(changes.poll(10, TimeUnit.SECONDS)).as(what).isEqualTo(lab.network);
    while (changes.poll(700, TimeUnit.MILLISECONDS) != null) {
      assertThat(changes).allMatch(lab.network::equals);
    }
  }

  @Test
  void shouldTellWhatVmsUse() throws Exception {
    try (NetnsLab lab = new NetnsLab()) {
      final NetnsDriver driver = lab.driver();
      lab.make(
          driver,
          lab.network(null, false),
          lab.vm("a", "front", 10, List.of(NetnsLab.allow(Protocol.TCP, "80"))),
          lab.vm("b", "front", 11, List.of()),
          lab.web("a", 80));
      final Usage before = usage(driver, lab);
      assertThat(lab.get("b", "http://10.71.1.10/")).isEqualTo("::ffff:10.71.1.11");
      final Usage after = usage(driver, lab);
      assertThat(after.cpuNs()).isGreaterThan(before.cpuNs());
      assertThat(after.memoryBytes()).isBetween(1L << 20, 64L << 20);
      assertThat(after.memoryLimitBytes()).isEqualTo(64 << 20);
      assertThat(after.cpuLimit()).isEqualTo(0.5);
      // Six segments of a connection at least: SYN, its answer, ACK, request, reply, FIN.
      assertThat(after.receivedPackets()).isGreaterThanOrEqualTo(before.receivedPackets() + 3);
      assertThat(after.sentPackets()).isGreaterThanOrEqualTo(before.sentPackets() + 2);
      assertThat(after.receivedBytes()).isGreaterThan(before.receivedBytes() + 200);
      assertThat(driver.usage(lab.network))
          .extracting(Usage::key)
          .containsExactlyInAnyOrder(
              lab.key(ItemKey.Kind.VM, "a"),
              lab.key(ItemKey.Kind.VM, "b"),
              lab.key(ItemKey.Kind.NETWORK, lab.network));
    }
  }

  private static Usage usage(final NetnsDriver driver, final NetnsLab lab) throws Exception {
    return driver.usage(lab.network).stream()
        .filter(used -> used.key().equals(lab.key(ItemKey.Kind.VM, "a")))
        .findFirst()
        .orElseThrow();
  }
}
