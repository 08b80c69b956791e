package dev.shadowplane.dataplane.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.pcap.CaptureTool;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.RxQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel interface as the mirror's target takes frames as long as its MTU allows. */
final class TooLongTest extends DpdkTest {
  private static final int FRAMES = 60;

  @TempDir private Path root;

  private static byte[] frame(int serial, int length) {
    return Frames.ethernet()
        .ipv4("10.0.0.1", "10.0.0.2")
        .udp(serial, 9)
        .payload(length - 42)
        .bytes();
  }

  @Test
  void tooLongFramesAreShedAndCountedAndTheOthersArrive() throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    final String id = Long.toString(ProcessHandle.current().pid() % 100_000);
    final String here = "spl" + id + "a";
    final String there = "spl" + id + "b";
    CaptureTool.lines("ip", "link", "add", here, "type", "veth", "peer", "name", there);
    try {
      for (String end : List.of(here, there)) {
        Files.writeString(Path.of("/proc/sys/net/ipv6/conf", end, "disable_ipv6"), "1");
        CaptureTool.lines("ip", "link", "set", end, "up");
      }
      try (EthPort peer = EthPort.open(there, "net_af_packet,iface=" + there)) {
        peer.configure(new EthPortConfig(1, 1, 256, 256, 0), pool());
        peer.start();
        mirrorTo(here, peer.rxQueue(0));
      }
    } finally {
      CaptureTool.lines("ip", "link", "delete", here);
    }
  }

  private void mirrorTo(String device, RxQueue peer) throws Exception {
    final Rule all = new Rule("all", 0, Match.ALL, 100, List.of(new RuleTarget.Port("shadow")));
    try (RingLab lab = new RingLab(pool(), root, 256, "a", "b")) {
      lab.with("shadow", "net_af_packet,iface=" + device);
      lab.embed(lab.config(all));
      final List<byte[]> sent = new ArrayList<>();
      final List<byte[]> fitting = new ArrayList<>();
      final List<byte[]> received = new ArrayList<>();
      for (int i = 0; i < FRAMES; i++) {
        // 1,518 bytes is the limit with a tag: the longest without one has 1,514.
        final byte[] frame = frame(i, new int[] {60, 1_514, 1_519, 3_000, 9_000}[i % 5]);
        sent.add(frame);
        if (frame.length <= 1_518) {
          fitting.add(frame);
        }
        lab.add(lab.mbuf(frame, 2_000));
        lab.flush("a");
        lab.work();
      }
      Traffic.assertFrames("production", lab.receive("b"), sent);
      lab.until(
          "the mirrored frames",
          () -> {
            take(peer, received);
            return received.size() >= fitting.size();
          });
      Traffic.assertFrames("mirrored", received, fitting);
      assertThat(lab.counter("rule.all.matched")).isEqualTo(FRAMES);
      assertThat(lab.counter("rule.all.mirrored.port:shadow")).isEqualTo(fitting.size());
      assertThat(lab.counter("rule.all.shed.port:shadow.frame-too-long"))
          .isEqualTo(FRAMES - fitting.size());
      assertThat(lab.counter("rule.all.shed.port:shadow.ring-full")).isZero();
    }
  }

  private static void take(RxQueue queue, List<byte[]> to) {
    final MbufBurst burst = new MbufBurst(32);
    final int count = queue.receive(burst, 32);
    for (int i = 0; i < count; i++) {
      to.add(Mbuf.bytes(burst.get(i)));
    }
    burst.free(0, count);
  }
}
