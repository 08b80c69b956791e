package dev.shadowplane.dataplane.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    final List<byte[]> frames = new ArrayList<>(SampleFrames.all());
    while (frames.size() < FRAMES) {
      frames.add(frame(random));
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
                    + " tcp.flags -e udp.srcport -e udp.dstport -e eth.type -e ieee8021ad.id")
                .split(" ", -1));
    assertThat(lines).hasSameSizeAs(frames);
    for (int i = 0; i < FRAMES; i++) {
      final ParsedRecord record = ParsedRecord.of(frames.get(i));
      assertThat(record.flags() & (PacketRecord.FLAG_MALFORMED | PacketRecord.FLAG_TRUNCATED))
          .as("seed %d, frame %d", seed, i + 1)
          .isZero();
      assertThat(fields(record))
          .as("seed %d, frame %d", seed, i + 1)
          .isEqualTo(expected(lines.get(i)));
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
    final boolean later = record.has(PacketRecord.FLAG_LATER_FRAGMENT);
    if (!later && (record.protocol() == Frames.TCP || record.protocol() == Frames.UDP)) {
      text.append(' ').append(record.sourcePort()).append(' ').append(record.destinationPort());
    }
    if (!later && record.protocol() == Frames.TCP) {
      text.append(' ').append(record.tcpFlags());
    }
    return text.toString();
  }

  private static String expected(String line) throws Exception {
    final String[] cells = line.split("\\|", -1);
    final StringBuilder text = new StringBuilder(cells[0]);
    final List<Integer> tags = new ArrayList<>();
    for (String list : new String[] {cells[15], cells[1]}) {
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
    final int ports = cells[9].isEmpty() ? 12 : 9;
    if (!cells[ports].isEmpty()) {
      text.append(' ').append(cells[ports]).append(' ').append(cells[ports + 1]);
    }
    if (!cells[11].isEmpty()) {
      text.append(' ').append(Integer.decode(cells[11]));
    }
    return text.toString();
  }

  private static byte[] frame(Random random) {
    final Frames frame = Frames.ethernet();
    final int tags = random.nextInt(4);
    if (tags == 2) {
      frame.qinq(random.nextInt(0x10000));
    }
    if (tags > 0 && tags < 3) {
      frame.vlan(random.nextInt(0x10000));
    }
    final boolean ipv4 = random.nextBoolean();
    if (ipv4) {
      frame.ipv4("10.1.0." + random.nextInt(256), "192.0.2." + random.nextInt(256));
      // Each a no-operation; a word holds four of them.
      final byte[] options = new byte[4 * random.nextInt(11)];
      Arrays.fill(options, (byte) 1);
      frame.options(options);
    } else {
      frame.ipv6("2001:db8::" + hex(random), "2001:db8:7::" + hex(random));
      for (int i = random.nextInt(3); i > 0; i--) {
        frame.extension(
            random.nextBoolean() ? Frames.DESTINATION_OPTIONS : Frames.AUTHENTICATION,
            2 + random.nextInt(2));
      }
    }
    final boolean fragment = random.nextInt(5) == 0;
    final boolean later = fragment && random.nextBoolean();
    if (fragment) {
      frame.fragment(random.nextInt(0x10000), later ? 8 + 8 * random.nextInt(100) : 0, true);
    }
    // Ports that tshark knows no protocol for, so that it dissects no further.
    final int from = 40_000 + random.nextInt(500);
    final int to = 40_500 + random.nextInt(500);
    switch (random.nextInt(3)) {
      case 0 -> frame.tcp(from, to, random.nextInt(256));
      case 1 -> frame.udp(from, to);
      default -> frame.echo(random.nextBoolean(), 7);
    }
    if (later) {
      frame.protocol(random.nextBoolean() ? Frames.TCP : Frames.UDP);
    }
    return frame.payload(new byte[8 * random.nextInt(100)]).bytes();
  }

  private static String hex(Random random) {
    return Integer.toHexString(1 + random.nextInt(0xffff));
  }
}
