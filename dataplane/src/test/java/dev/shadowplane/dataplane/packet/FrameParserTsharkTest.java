package dev.shadowplane.dataplane.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parser against tshark, field by field, on frames of random shape. */
final class FrameParserTsharkTest {
  private static final int FRAMES = 1500;

  @TempDir Path folder;

  @Test
  void agreesFieldByField() throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<byte[]> frames = new ArrayList<>(SampleFrames.plain());
    while (frames.size() < FRAMES) {
      frames.add(RandomShapes.frame(random));
    }
    final Path capture = folder.resolve("shapes.pcap");
    Tshark.write(capture, frames, 1_700_000_000_000_000_000L);
    // Without reassembly each fragment shows what it holds by itself.
    final List<String> lines =
        Tshark.read(
            capture,
            ("-o ip.defragment:FALSE -o ipv6.defragment:FALSE -T fields -E occurrence=a -E"
                    + " separator=| -e frame.len -e vlan.id -e ip.src -e ip.dst -e ip.proto -e ip.len"
                    + " -e ipv6.src -e ipv6.dst -e ipv6.plen -e tcp.srcport -e tcp.dstport -e"
                    + " tcp.flags -e udp.srcport -e udp.dstport -e ieee8021ad.id -e ip.id -e"
                    + " ipv6.fraghdr.ident")
                .split(" ", -1));
    assertThat(lines).hasSameSizeAs(frames);
    for (int i = 0; i < FRAMES; i++) {
      final ParsedRecord record = ParsedRecord.of(frames.get(i));
      assertThat(record.flags() & (PacketRecord.FLAG_MALFORMED | PacketRecord.FLAG_TRUNCATED))
          .as("seed %d, frame %d", seed, i + 1)
          .isZero();
      assertThat(fields(record))
          .as("seed %d, frame %d", seed, i + 1)
          .isEqualTo(expected(lines.get(i), record.isFragment()));
    }
  }

  /** Length, tags, addresses, protocol, IP length, ports, TCP flags: what both tell of a frame. */
  private static String fields(ParsedRecord record) throws Exception {
    final StringBuilder text = new StringBuilder().append(record.frameLength());
    final List<Integer> tags = new ArrayList<>();
    if (record.has(PacketRecord.FLAG_VLAN)) {
      tags.add(record.vlanTci() & 0xfff);
    }
    if (record.has(PacketRecord.FLAG_QINQ)) {
      tags.add(record.innerVlanTci() & 0xfff);
    }
    text.append(' ').append(tags);
    if (record.kind() == PacketRecord.KIND_OTHER) {
      return text.toString();
    }
    text.append(' ').append(InetAddress.getByAddress(record.sourceAddress()).getHostAddress());
    text.append(' ').append(InetAddress.getByAddress(record.destinationAddress()).getHostAddress());
    if (record.kind() == PacketRecord.KIND_IPV4) {
      text.append(' ').append(record.protocol());
    }
    text.append(' ').append(record.ipLength());
    if (record.isFragment()) {
      text.append(' ').append(Integer.toUnsignedString(record.fragmentId()));
    }
    final boolean later = record.has(PacketRecord.FLAG_LATER_FRAGMENT);
    if (!later && (record.protocol() == Frames.TCP || record.protocol() == Frames.UDP)) {
      text.append(' ').append(record.sourcePort()).append(' ').append(record.destinationPort());
    }
    if (!later && record.protocol() == Frames.TCP) {
      text.append(' ').append(record.tcpFlags());
    }
    return text.toString();
  }

  private static String expected(String line, boolean fragment) throws Exception {
    final String[] cells = line.split("\\|", -1);
    final StringBuilder text = new StringBuilder(cells[0]);
    final List<Integer> tags = new ArrayList<>();
    for (String list : new String[] {cells[14], cells[1]}) {
      for (String id : list.split(",", -1)) {
        if (!id.isEmpty()) {
          tags.add(Integer.decode(id));
        }
      }
    }
    text.append(' ').append(tags);
    final boolean ipv4 = !cells[2].isEmpty();
    if (!ipv4 && cells[6].isEmpty()) {
      return text.toString();
    }
    final int at = ipv4 ? 2 : 6;
    text.append(' ').append(InetAddress.ofLiteral(cells[at]).getHostAddress());
    text.append(' ').append(InetAddress.ofLiteral(cells[at + 1]).getHostAddress());
    if (ipv4) {
      text.append(' ').append(cells[4]).append(' ').append(cells[5]);
    } else {
      text.append(' ').append(40 + Integer.parseInt(cells[8]));
    }
    if (fragment) {
      text.append(' ').append(Long.decode(cells[ipv4 ? 15 : 16]));
    }
    final int ports = cells[9].isEmpty() ? 12 : 9;
    if (!cells[ports].isEmpty()) {
      text.append(' ').append(cells[ports]).append(' ').append(cells[ports + 1]);
    }
    if (!cells[11].isEmpty()) {
      text.append(' ').append(Integer.decode(cells[11]));
    }
    return text.toString();
  }
}
