package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Next hops found by ARP and neighbour discovery, by real kernels too. */
final class NextHopTest extends DpdkTest {
  @TempDir private Path root;

  private static DataPlaneConfig config(RingLab lab, String collectors) {
    final DataPlaneConfig read =
        DataPlaneConfigReader.read(
            YamlReader.of(
                "test",
                """
                ports: [{ name: a, device: x }, { name: b, device: y }, { name: out, device: z }]
                workers: [{ forward: [[a, b]] }]
                collectors: [%s]
                rules: [{ name: all, targets: ["collector:far"] }]
                """
                    .formatted(collectors)));
    return lab.config(read.rules().getFirst())
        .with(DataPlaneConfig.HEADER_MBUFS, read.collectors(), List.of());
  }

  private static byte[] frame(int serial) {
    return Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(serial, 9).payload(100).bytes();
  }

  @Test
  void framesAreShedUntilTheAnswerAndStrangersAreNotBelieved() throws Exception {
    try (RingLab lab = new RingLab(pool(), root, 64, "a", "b", "out")) {
      lab.embed(
          config(
              lab,
              "{ name: far, port: out, encapsulation: vxlan, vni: 7, source: 192.0.2.1, vlan: 5,"
                  + " destination: 198.51.100.1, next-hop: 192.0.2.254,"
                  + " source-mac: '02:00:00:00:00:aa' }"));
      lab.work();
      lab.send("a", frame(1), frame(2));
      lab.work();
      assertThat(lab.counter("rule.all.shed.collector:far.next-hop-unresolved")).isEqualTo(2);
      final List<byte[]> asked = lab.receive("out");
      assertThat(asked).hasSize(1);
      assertThat(HexFormat.of().formatHex(asked.getFirst()))
          .isEqualTo(
              "ffffffffffff0200000000aa810000050806"
                  + "0001080006040001"
                  + "0200000000aa"
                  + "c0000201"
                  + "000000000000"
                  + "c00002fe");
      final String toUs = "0200000000aa0200000000bb810000050806" + "0001080006040002";
      for (String wrong :
          List.of(
              toUs + "0200000000ccc00002fd0200000000aac0000201", // another address
              toUs + "0200000000ccc00002fe0200000000aac0000202", // to another
              toUs + "0300000000ccc00002fe0200000000aac0000201", // a group
              toUs.replace("040002", "040001") + "0200000000ccc00002fe0200000000aac0000201",
              toUs + "0200000000cc")) {
        lab.send("out", HexFormat.of().parseHex(wrong));
        lab.work();
      }
      assertThat(lab.counter("collector.far.next-hop-resolved")).isZero();
      lab.send("out", HexFormat.of().parseHex(toUs + "0200000000bbc00002fe0200000000aac0000201"));
      lab.until("the answer", () -> lab.counter("collector.far.next-hop-resolved") == 1);
      lab.send("a", frame(3));
      lab.work();
      final List<byte[]> left = lab.receive("out");
      assertThat(left).hasSize(1);
      assertThat(HexFormat.of().formatHex(left.getFirst(), 0, 18))
          .isEqualTo("0200000000bb0200000000aa810000050800");
      assertThat(Arrays.copyOfRange(left.getFirst(), 54, left.getFirst().length))
          .isEqualTo(frame(3));
      lab.receive("b");
    }
  }

  /** Takes half a minute: for so long does an answer count. */
  @Test
  void framesAreShedWhileTheNextHopIsLostAndGoOnWhenItIsBack() throws Exception {
    final byte[] answer =
        HexFormat.of()
            .parseHex(
                "0200000000aa0200000000bb0806000108000604"
                    + "00020200000000bbc00002fe0200000000aac0000201");
    try (RingLab lab = new RingLab(pool(), root, 64, "a", "b", "out")) {
      lab.embed(
          config(
              lab,
              "{ name: far, port: out, encapsulation: vxlan, vni: 7, source: 192.0.2.1,"
                  + " destination: 198.51.100.1, next-hop: 192.0.2.254,"
                  + " source-mac: '02:00:00:00:00:aa' }"));
      lab.work();
      lab.send("out", answer);
      int sent = sendUntil(lab, 0, 1);
      sent = sendUntil(lab, sent, 0);
      assertThat(lab.log().getLast())
          .isEqualTo(
              "warning: collector far: next hop 192.0.2.254 does not answer: check next-hop, or"
                  + " give next-hop-mac; its frames are shed");
      final long shed = lab.counter("rule.all.shed.collector:far.next-hop-unresolved");
      lab.send("a", frame(1), frame(2), frame(3));
      lab.work();
      sent += 3;
      lab.receive("b");
      assertThat(lab.counter("rule.all.shed.collector:far.next-hop-unresolved"))
          .isEqualTo(shed + 3);
      lab.send("out", answer);
      sent = sendUntil(lab, sent, 1);
      lab.receive("out");
      lab.send("a", frame(4));
      lab.work();
      final byte[] left = lab.receive("out").getFirst();
      assertThat(Arrays.copyOfRange(left, 50, left.length)).isEqualTo(frame(4));
      lab.receive("b");
      assertThat(lab.counter("rule.all.matched")).isEqualTo(sent + 1);
      assertThat(
              lab.counter("rule.all.mirrored.collector:far")
                  + lab.counter("rule.all.shed.collector:far.next-hop-unresolved"))
          .isEqualTo(sent + 1);
    }
  }

  /**
   * Sends a frame a millisecond, since nobody is asked without, until the next hop is (not) known.
   */
  private static int sendUntil(RingLab lab, int before, long resolved) {
    final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    int sent = before;
    while (lab.counter("collector.far.next-hop-resolved") != resolved) {
      assertThat(System.nanoTime() - deadlineNs).as("waited in vain, " + lab.log()).isNegative();
      lab.send("a", frame(sent++ % 60_000));
      lab.work();
      lab.receive("b");
      lab.receive("out");
      LockSupport.parkNanos(1_000_000);
    }
    return sent;
  }

  /** The kernel of the other end answers, takes the outer headers off, and hands out the frames. */
  @ParameterizedTest
  @ValueSource(strings = {"198.18.0.", "fd00:5ad0::"})
  void theKernelsVxlanDeviceGetsTheFrames(String net) throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    final boolean ipv6 = net.contains(":");
    try (VethLab veths = new VethLab()) {
      assumeThat(addVxlan(veths, net, ipv6)).as("this kernel has vxlan").isTrue();
      final Path capture = root.resolve("inner.pcap");
      final List<byte[]> sent = new ArrayList<>();
      try (Child capturing =
              new Child(
                  root,
                  veths.command(
                      1,
                      "dumpcap",
                      "-q",
                      "-P",
                      "-i",
                      "vx0",
                      "-c",
                      "64",
                      "-w",
                      capture.toString()));
          RingLab lab = new RingLab(pool(), root, 64, "a", "b")) {
        capturing.awaitLine("File:");
        lab.with("out", "net_af_packet,iface=" + veths.end(1));
        lab.embed(
            config(
                lab,
                "{ name: far, port: out, encapsulation: vxlan, vni: 7, source: '"
                    + net
                    + "9', destination: '"
                    + net
                    + "1' }"));
        lab.until(
            "the neighbour",
            () -> {
              lab.send("a", frame(0));
              lab.work();
              lab.receive("b");
              return lab.counter("collector.far.next-hop-resolved") == 1;
            });
        final long before = lab.counter("rule.all.mirrored.collector:far");
        for (int i = 0; i < 64; i++) {
          // Longer than what fits into one outer packet, too: the kernel puts fragments together.
          final byte[] frame =
              Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(i + 1, 9).payload(i * 22).bytes();
          sent.add(frame);
          lab.send("a", frame);
          lab.work();
          lab.receive("b");
        }
        assertThat(lab.counter("rule.all.mirrored.collector:far") - before).isEqualTo(64);
        assertThat(capturing.status()).as(capturing.output()).isZero();
      }
      assertInner(capture, sent);
    }
  }

  private static boolean addVxlan(VethLab veths, String net, boolean ipv6) throws Exception {
    final List<String> add =
        new ArrayList<>(
            List.of("ip", "link", "add", "vx0", "type", "vxlan", "id", "7", "dstport", "4789"));
    add.addAll(List.of("local", net + "1", ipv6 ? "udp6zerocsumrx" : "noudpcsum"));
    final Process process =
        new ProcessBuilder(veths.command(1, add.toArray(String[]::new))).inheritIO().start();
    if (process.waitFor() != 0) {
      return false;
    }
    veths.in(1, "sysctl", "-q", "-w", "net.ipv6.conf.vx0.disable_ipv6=1");
    veths.in(1, "ip", "link", "set", "vx0", "mtu", "1600", "up");
    return true;
  }

  /** What has come, less the frames that were sent until the neighbour was known. */
  private static void assertInner(Path capture, List<byte[]> sent) throws Exception {
    final List<byte[]> inner = new ArrayList<>();
    final List<String> hex = Tshark.read(capture, "-x");
    final StringBuilder one = new StringBuilder();
    for (String line : hex) {
      if (line.isBlank()) {
        inner.add(HexFormat.of().parseHex(one.toString()));
        one.setLength(0);
      } else {
        one.append(line.substring(6, Math.min(54, line.length())).replace(" ", ""));
      }
    }
    inner.removeIf(frame -> Arrays.equals(frame, frame(0)));
    Traffic.assertFrames("from the kernel", inner, sent.subList(0, inner.size()));
    assertThat(inner).hasSizeGreaterThan(40);
  }
}
