package dev.shadowplane.dataplane.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Full records against tshark, field by field, of frames by themselves and inside of tunnels. */
final class FullRecordTsharkTest {
  private static final int FRAMES = 1500;
  private static final int VXLAN = 4789;
  private static final int GENEVE = 6081;
  private static final HexFormat MAC = HexFormat.ofDelimiter(":");

  @TempDir Path folder;

  @Test
  void agreesFieldByField() throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<byte[]> frames = new ArrayList<>();
    final List<byte[]> carrying = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      frames.add(RandomShapes.frame(random));
      carrying.add(carrier(random, frames.getLast()));
    }
    final List<String> lines = tshark("frames.pcap", frames);
    final List<String> carryingLines = tshark("carrying.pcap", carrying);
    for (int i = 0; i < FRAMES; i++) {
      final String which = "seed " + seed + ", frame " + (i + 1);
      final ParsedRecord record = ParsedRecord.full(frames.get(i), true);
      assertThat(text(record)).as(which).isEqualTo(expected(lines.get(i), record));
      assertThat(record.rule()).as(which).isEqualTo(RecordExtension.NO_RULE);
      final ParsedRecord outer = ParsedRecord.full(carrying.get(i), false);
      assertThat(text(outer)).as(which).isEqualTo(expected(carryingLines.get(i), outer));
      assertCarries(ParsedRecord.full(carrying.get(i), true), outer, record, which);
    }
  }

  /** All of the carried packet, but the length and the tunnel of what carries it. */
  private static void assertCarries(
      ParsedRecord inner, ParsedRecord outer, ParsedRecord alone, String which) {
    assertThat(inner.frameLength()).as(which).isEqualTo(outer.frameLength());
    assertThat(inner.vni()).as(which).isEqualTo(outer.vni());
    final int tunnel = RecordExtension.TUNNEL_VXLAN | RecordExtension.TUNNEL_GENEVE;
    assertThat(inner.extensionFlags())
        .as(which)
        .isEqualTo(alone.extensionFlags() | (outer.extensionFlags() & tunnel));
    assertThat(withoutOuter(inner)).as(which).isEqualTo(withoutOuter(alone));
  }

  private static byte[] withoutOuter(ParsedRecord record) {
    final ByteBuffer bytes = ByteBuffer.wrap(record.bytes().clone());
    final int extension = record.lean().length;
    if (record.isFragment() && record.kind() == PacketRecord.KIND_IPV4) {
      bytes.putShort(PacketRecord.FRAME_LENGTH, (short) 0);
    } else {
      bytes.putInt(PacketRecord.FRAME_LENGTH, 0);
    }
    bytes.putInt(extension + RecordExtension.VNI, 0);
    return bytes.array();
  }

  private static byte[] carrier(Random random, byte[] frame) {
    final boolean vxlan = random.nextBoolean();
    final int options = vxlan ? 0 : random.nextInt(3);
    final ByteBuffer payload = ByteBuffer.allocate(8 + 4 * options + frame.length);
    if (vxlan) {
      payload.putInt(0x0800_0000);
    } else {
      payload.put((byte) options).put((byte) 0).putShort((short) 0x6558);
    }
    payload.putInt(random.nextInt(1 << 24) << 8);
    if (options > 0) {
      payload.putShort((short) 0x0102).put((byte) 3).put((byte) (options - 1));
      payload.position(8 + 4 * options);
    }
    payload.put(frame);
    final Frames outer = Frames.ethernet().hopLimit(random.nextInt(256));
    if (random.nextInt(4) == 0) {
      outer.vlan(random.nextInt(1, 0xfff));
    }
    if (random.nextBoolean()) {
      outer.ipv4("192.0.2.1", "192.0.2.2");
    } else {
      outer.ipv6("2001:db8::1", "2001:db8::2");
      for (int i = random.nextInt(3); i > 0; i--) {
        outer.extension(Frames.DESTINATION_OPTIONS, 2);
      }
    }
    return outer.udp(50_000, vxlan ? VXLAN : GENEVE).payload(payload.array()).bytes();
  }

  private List<String> tshark(String name, List<byte[]> frames) throws Exception {
    final Path capture = folder.resolve(name);
    Tshark.write(capture, frames, 1_700_000_000_000_000_000L);
    final List<String> lines =
        Tshark.read(
            capture,
            ("-o ip.defragment:FALSE -o ipv6.defragment:FALSE -T fields -E occurrence=f -E"
                    + " separator=| -e eth.dst -e eth.src -e ip.ttl -e ipv6.hlim -e tcp.seq_raw -e"
                    + " tcp.ack_raw -e tcp.window_size_value -e tcp.len -e vxlan.vni -e"
                    + " geneve.vni")
                .split(" ", -1));
    assertThat(lines).hasSameSizeAs(frames);
    return lines;
  }

  private static String text(ParsedRecord record) {
    final boolean tcp = (record.extensionFlags() & RecordExtension.FLAG_TCP) != 0;
    return String.join(
        " ",
        MAC.formatHex(record.destinationMac()),
        MAC.formatHex(record.sourceMac()),
        Integer.toString(record.hopLimit()),
        tcp
            ? String.join(
                " ",
                Long.toString(record.tcpSequence()),
                Long.toString(record.tcpAcknowledgement()),
                Integer.toString(record.tcpWindow()),
                Integer.toString(record.tcpPayload()))
            : "no tcp",
        switch (record.extensionFlags() & ~RecordExtension.FLAG_TCP) {
          case 0 -> "";
          case RecordExtension.TUNNEL_VXLAN -> "vxlan " + record.vni();
          case RecordExtension.TUNNEL_GENEVE -> "geneve " + record.vni();
          default -> throw new AssertionError(record);
        });
  }

  private static String expected(String line, ParsedRecord record) {
    final String[] cells = line.split("\\|", -1);
    // A fragment's numbers are of no use to a flow; tshark shows them where there are.
    final boolean tcp = record.protocol() == Frames.TCP && !record.isFragment();
    return String.join(
        " ",
        cells[0],
        cells[1],
        cells[record.kind() == PacketRecord.KIND_IPV4 ? 2 : 3],
        tcp ? String.join(" ", cells[4], cells[5], cells[6], cells[7]) : "no tcp",
        !cells[8].isEmpty()
            ? "vxlan " + Integer.decode(cells[8])
            : cells[9].isEmpty() ? "" : "geneve " + Integer.decode(cells[9]));
  }
}
