package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernel interfaces that are deleted under a running data plane, and made again. */
final class PortReattachmentTest extends DpdkTest {
  @TempDir private Path root;
  private int serial;

  private static byte[] frame(int serial) {
    return Frames.ethernet()
        .ipv4("10.0.0.1", "10.0.0.2")
        .udp(9, 9)
        .payload(new byte[] {(byte) (serial >> 16), (byte) (serial >> 8), (byte) serial})
        .bytes();
  }

  /** Both pairs on one worker: the rings, on which the test has its eye, and the interfaces. */
  private RingLab launched(VethLab veths, String driver) throws IOException {
    final RingLab lab =
        new RingLab(pool(), root, 64, "a", "b")
            .with("h1", driver + ",iface=" + veths.end(1))
            .with("h2", "net_af_packet,iface=" + veths.end(2))
            .forwarding("h1", "h2");
    return lab.launch(lab.config());
  }

  /** Frames go through the rings all the time: all of them, unchanged and in order. */
  private void meanwhile(RingLab lab, String what, BooleanSupplier condition) {
    final long deadlineNs = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime())
          .as("waited in vain for " + what + " " + lab.log())
          .isLessThan(deadlineNs);
      final List<byte[]> sent = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        sent.add(frame(serial++));
      }
      lab.send("a", sent.toArray(byte[][]::new));
      final List<byte[]> received = new ArrayList<>();
      lab.until(
          "frames of the other pair",
          () -> {
            received.addAll(lab.receive("b"));
            return received.size() >= sent.size();
          });
      Traffic.assertFrames("the other pair", received, sent);
    }
  }

  private boolean succeeds(RingLab lab, List<String> command) throws Exception {
    final Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    meanwhile(lab, command.toString(), () -> !process.isAlive());
    return process.exitValue() == 0;
  }

  /** Whether one kernel's SYN gets to the other, and its RST comes back. */
  private boolean reaches(RingLab lab, VethLab veths, int from, int to) throws Exception {
    final String script =
        "import errno, socket, sys; s = socket.socket(); s.settimeout(3);"
            + " sys.exit(s.connect_ex(('198.18.0."
            + to
            + "', 9)) != errno.ECONNREFUSED)";
    return succeeds(lab, veths.command(from, "/usr/bin/python3", "-c", script));
  }

  @Test
  void anInterfaceThatIsMadeAgainIsTakenAgain() throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    try (VethLab veths = new VethLab();
        RingLab lab = launched(veths, "net_af_packet")) {
      assertThat(reaches(lab, veths, 1, 2)).isTrue();
      for (int time = 1; time <= 2; time++) {
        final long shed = lab.counter("port.h1.shed.tx-full");
        final long received = lab.counter("port.h1.driver-rx-packets");
        assertThat(succeeds(lab, List.of("ip", "link", "delete", veths.end(1)))).isTrue();
        meanwhile(
            lab,
            "detachment",
            () -> said(lab, "port h1: detached, as its interface " + veths.end(1) + " is gone"));
        meanwhile(lab, "link down", () -> lab.counter("port.h1.link-up") == 0);
        assertThat(lab.counter("port.h2.link-up")).isEqualTo(1);
        assertThat(reaches(lab, veths, 2, 1)).isFalse();
        assertThat(lab.counter("port.h1.shed.tx-full")).isGreaterThan(shed);
        veths.link(1);
        meanwhile(lab, "link up", () -> lab.counter("port.h1.link-up") == 1);
        assertThat(reaches(lab, veths, 1, 2)).isTrue();
        meanwhile(lab, "counts of both", () -> lab.counter("port.h1.driver-rx-packets") > received);
      }
      assertThat(lab.log())
          .filteredOn("port h1: attached to %s again".formatted(veths.end(1))::equals)
          .hasSize(2);
      assertThat(lab.log()).noneMatch(line -> line.startsWith("warning"));
      lab.stop();
      assertThat(lab.log()).as("mbufs").noneMatch(line -> line.contains("not returned"));
    }
  }

  @Test
  void aDeviceThatTakesNoOtherInterfaceSaysSo() throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    try (VethLab veths = new VethLab();
        RingLab lab = launched(veths, "net_af_xdp")) {
      assertThat(succeeds(lab, List.of("ip", "link", "delete", veths.end(1)))).isTrue();
      meanwhile(
          lab,
          "report",
          () ->
              said(
                  lab,
                  "port h1: its interface %s is gone, and this device takes no other: restart the data plane when it is back"
                      .formatted(veths.end(1))));
      meanwhile(lab, "link down", () -> lab.counter("port.h1.link-up") == 0);
    }
  }

  private static boolean said(RingLab lab, String line) {
    return lab.log().contains(line);
  }

  @Test
  void anInterfaceWithAnotherMtuIsLeftAloneUntilItFits() throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    try (VethLab veths = new VethLab();
        RingLab lab = launched(veths, "net_af_packet")) {
      succeeds(lab, List.of("ip", "link", "delete", veths.end(2)));
      meanwhile(lab, "link down", () -> lab.counter("port.h2.link-up") == 0);
      succeeds(lab, List.of("ip", "link", "add", veths.end(2), "mtu", "1400", "type", "veth"));
      meanwhile(
          lab,
          "refusal",
          () ->
              said(
                  lab,
                  "port h2: not attached: %s has another MTU than before: ip link set %s mtu 1500"
                      .formatted(veths.end(2), veths.end(2))));
      succeeds(lab, List.of("ip", "link", "set", veths.end(2), "mtu", "1500"));
      meanwhile(
          lab,
          "refusal",
          () ->
              said(
                  lab,
                  "port h2: not attached: %s is down: ip link set %s up"
                      .formatted(veths.end(2), veths.end(2))));
      succeeds(lab, List.of("ip", "link", "set", veths.end(2), "up"));
      meanwhile(
          lab, "attachment", () -> said(lab, "port h2: attached to " + veths.end(2) + " again"));
    }
  }
}
