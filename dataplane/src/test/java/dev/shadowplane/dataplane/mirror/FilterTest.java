package dev.shadowplane.dataplane.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.pcap.CaptureTool;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** tcpdump's filters choose the frames that tcpdump chooses, byte for byte. */
final class FilterTest extends DpdkTest {
  @TempDir private Path root;

  private static Rule rule(String filter) {
    return new Rule(
        "one",
        0,
        MatchReader.read("test", "{ filter: \"" + filter + "\" }"),
        100,
        List.of(new RuleTarget.Port("shadow")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp",
        "tcp port 80 or udp port 53",
        "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn",
        "tcp[13] & 2 != 0",
        "ip[8] < 65 and ip[0] & 0xf = 5",
        "ip6 and not net 2001:db8::/64",
        "vlan 2 and vlan 3",
        "vlan and tcp",
        "ether src 02:00:00:00:fe:01",
        "less 100 or greater 1400",
        "src net 10.0.0.0/30 and portrange 80-1000",
        "ip[2:2] - ((ip[0] & 0xf) << 2) > 100",
        "udp[4:2] / 2 = 20 or ip[ip[0] & 0xf] = 1",
        "arp or icmp6",
        "not ip",
        "ip6 proto 17 or ip proto 1",
        "ether[0:4] = 0x02000000 and ether[5] & 1 = 1",
        "geneve 2",
      })
  void choosesWhatTcpdumpChooses(String filter) throws Exception {
    final long seed = System.nanoTime();
    System.out.println("FilterTest " + filter + " seed " + seed);
    final Path all = root.resolve("all.pcap");
    try (RingLab lab = new RingLab(pool(), root, 1_024, "a", "b", "shadow")) {
      lab.embed(lab.config(rule(filter)));
      final Traffic traffic = new Traffic(lab);
      traffic.run(new RandomFrames(seed), new SplittableRandom(seed), 30);
      write(all, traffic);
      CaptureTool.lines(
          "sh",
          "-c",
          "exec tcpdump -r \"$1\" -w \"$2\" \"$3\" 2>/dev/null",
          "sh",
          all.toString(),
          root.resolve("some.pcap").toString(),
          filter);
      Traffic.assertFrames(
          filter + ", seed " + seed, lab.receive("shadow"), frames(root.resolve("some.pcap")));
      traffic.assertForwarded();
    }
  }

  private static void write(Path file, Traffic traffic) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, 1, 1 << 16)) {
      for (Traffic.Sent sent : traffic.sent()) {
        final byte[] frame = sent.frame();
        writer.write(1_000L, frame.length, new UnsafeBuffer(frame), 0, frame.length);
      }
    }
  }

  /** Reads the classic format in the plainest way: frames behind headers of 16 bytes. */
  private static List<byte[]> frames(Path file) throws IOException {
    final java.nio.ByteBuffer bytes =
        java.nio.ByteBuffer.wrap(Files.readAllBytes(file))
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .position(24);
    final List<byte[]> frames = new java.util.ArrayList<>();
    while (bytes.hasRemaining()) {
      final byte[] frame = new byte[bytes.getInt(bytes.position() + 8)];
      bytes.position(bytes.position() + 16).get(frame);
      frames.add(frame);
    }
    return frames;
  }

  @Test
  void aWrongOneIsRefusedByRuleFieldAndReason() {
    assertThatThrownBy(
            () -> new RuleTable(List.of(rule("tcp"), rule("tcp and port")), name -> 0).close())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("rule one: match.filter: ")
        .hasMessageContaining("syntax error, from character 4 on: and port");
    assertThat(pool().available()).isEqualTo(pool().size());
  }
}
