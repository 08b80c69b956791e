package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shadowplane.dataplane.pcap.CaptureTool;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices other than those that every test uses: frames go through them unchanged, both ways. */
final class DevicesTest extends DpdkTest {
  private static final int FRAMES = 200;

  /** For local experiments (IEEE 802): the kernel sends none of its own. */
  private static final int ETHER_TYPE = 0x88b5;

  private final String id = Long.toString(ProcessHandle.current().pid() % 100_000);

  @TempDir private Path root;

  @Test
  void tap() throws Exception {
    assumeTrue(isRoot(), "a tap takes root");
    final String name = "spt" + id + "t";
    try (RingLab lab =
        new RingLab(pool(), root, 1_024, "ring").with("dut", "net_tap,iface=" + name)) {
      lab.embed(lab.config());
      quiet(name);
      carries(lab, "net_af_packet,iface=" + name);
    }
  }

  @Test
  void afXdp() throws Exception {
    assumeTrue(isRoot(), "XDP takes root");
    final String near = "spt" + id + "x";
    final String far = "spt" + id + "y";
    CaptureTool.lines("ip", "link", "add", near, "type", "veth", "peer", far);
    try (RingLab lab =
        new RingLab(pool(), root, 1_024, "ring").with("dut", "net_af_xdp,iface=" + near)) {
      quiet(near);
      quiet(far);
      lab.embed(lab.config());
      carries(lab, "net_af_packet,iface=" + far);
    } finally {
      CaptureTool.lines("ip", "link", "delete", near);
    }
  }

  @Test
  void memif() throws Exception {
    final String arguments = ",socket-abstract=no,socket=" + root.resolve("memif.sock");
    try (RingLab lab =
        new RingLab(pool(), root, 1_024, "ring").with("dut", "net_memif,role=server" + arguments)) {
      lab.embed(lab.config());
      carries(lab, "net_memif,role=client" + arguments);
    }
  }

  private static void quiet(String name) throws Exception {
    Files.writeString(Path.of("/proc/sys/net/ipv6/conf", name, "disable_ipv6"), "1");
    CaptureTool.lines("ip", "link", "set", name, "up");
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private void carries(RingLab lab, String farDevice) {
    final long seed = System.nanoTime();
    final SplittableRandom random = new SplittableRandom(seed);
    final EthPort far = EthPort.open(unique("far"), farDevice);
    try {
      far.configure(new EthPortConfig(1, 1, 256, 256, 0), pool());
      far.start();
      lab.until("the link", () -> far.link().up());
      final MbufBurst burst = new MbufBurst(32);
      final List<byte[]> outward = new ArrayList<>();
      final List<byte[]> arrived = new ArrayList<>();
      final List<byte[]> inward = new ArrayList<>();
      final List<byte[]> returned = new ArrayList<>();
      for (int i = 0; i < FRAMES; i++) {
        final byte[] out = frame(random);
        outward.add(out);
        lab.send("ring", out);
        final byte[] in = frame(random);
        inward.add(in);
        final long mbuf = lab.mbuf(in, Integer.MAX_VALUE);
        burst.set(0, mbuf);
        lab.until("room", () -> far.txQueue(0).send(burst, 0, 1) == 1);
        lab.until(
            "frame " + i,
            () -> {
              arrived.addAll(received(far, burst));
              returned.addAll(lab.receive("ring"));
              returned.removeIf(frame -> !isOurs(frame));
              return arrived.size() == outward.size() && returned.size() == inward.size();
            });
      }
      assertThat(arrived).as("seed %d", seed).containsExactly(outward.toArray(byte[][]::new));
      assertThat(returned).as("seed %d", seed).containsExactly(inward.toArray(byte[][]::new));
    } finally {
      far.close();
    }
  }

  private static List<byte[]> received(EthPort far, MbufBurst burst) {
    final List<byte[]> frames = new ArrayList<>();
    final int count = far.rxQueue(0).receive(burst, 32);
    for (int i = 0; i < count; i++) {
      final byte[] frame = Mbuf.bytes(burst.get(i));
      if (isOurs(frame)) {
        frames.add(frame);
      }
    }
    burst.free(0, count);
    return frames;
  }

  private static boolean isOurs(byte[] frame) {
    return frame[12] == (byte) (ETHER_TYPE >> 8) && frame[13] == (byte) ETHER_TYPE;
  }

  private static byte[] frame(SplittableRandom random) {
    final byte[] frame = new byte[random.nextInt(60, 1_515)];
    random.nextBytes(frame);
    Arrays.fill(frame, 0, 12, (byte) 2);
    frame[12] = (byte) (ETHER_TYPE >> 8);
    frame[13] = (byte) ETHER_TYPE;
    return frame;
  }
}
