package dev.shadowplane.dataplane.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FullRecordParserTest {
  private static final String A = "10.1.2.3";
  private static final String B = "192.168.4.5";
  private static final int VNI = 0xabcdef;
  private static final byte[] INNER =
      Frames.ethernet()
          .ipv4("172.16.0.1", "172.16.0.2")
          .tcp(7, 8, Frames.ACK, -2, 5)
          .hopLimit(9)
          .payload(1000)
          .bytes();

  @Test
  void recordsAWholeFrame() {
    final byte[] frame =
        Frames.ethernet().ipv4(A, B).tcp(1, 2, Frames.ACK, -1, 7).window(513).payload(5).bytes();
    // Padding is no payload.
    final ParsedRecord record = ParsedRecord.full(Arrays.copyOf(frame, 60), false);
    assertThat(record.destinationMac()).isEqualTo(new byte[] {2, 0, 0, 0, 0, 2});
    assertThat(record.sourceMac()).isEqualTo(new byte[] {2, 0, 0, 0, 0, 1});
    assertThat(record.tcpSequence()).isEqualTo(0xffff_ffffL);
    assertThat(record.tcpAcknowledgement()).isEqualTo(7);
    assertThat(record.tcpWindow()).isEqualTo(513);
    assertThat(record.tcpPayload()).isEqualTo(5);
    assertThat(record.hopLimit()).isEqualTo(64);
    assertThat(record.vni()).isZero();
    assertThat(record.extensionFlags()).isEqualTo(RecordExtension.FLAG_TCP);
    assertThat(record.rule()).isEqualTo(RecordExtension.NO_RULE);
  }

  @ParameterizedTest
  @ValueSource(ints = {TunnelHeader.VXLAN_PORT, TunnelHeader.GENEVE_PORT})
  void recordsThePacketInside(int port) {
    final byte[] frame = carrier(port, INNER).bytes();
    final ParsedRecord outer = ParsedRecord.full(frame, false);
    assertThat(outer.destinationPort()).isEqualTo(port);
    assertThat(outer.hopLimit()).isEqualTo(64);
    assertThat(outer.vni()).isEqualTo(VNI);
    final ParsedRecord inner = ParsedRecord.full(frame, true);
    assertThat(inner.destinationPort()).isEqualTo(8);
    assertThat(inner.ipLength()).isEqualTo(1040);
    assertThat(inner.frameLength()).isEqualTo(frame.length);
    assertThat(inner.tcpSequence()).isEqualTo(0xffff_fffeL);
    assertThat(inner.tcpPayload()).isEqualTo(1000);
    assertThat(inner.hopLimit()).isEqualTo(9);
    assertThat(inner.vni()).isEqualTo(VNI);
    assertThat(inner.extensionFlags()).isEqualTo(outer.extensionFlags() | RecordExtension.FLAG_TCP);
    assertThat(inner.hash()).isEqualTo(ParsedRecord.of(INNER).hash());
  }

  /** The rest of what it carries is in other fragments, which are of the flow around. */
  @Test
  void recordsThePacketInsideOfAFirstFragment() {
    final byte[] whole = carrier(TunnelHeader.VXLAN_PORT, INNER).bytes();
    final byte[] first = Arrays.copyOf(whole, 14 + 20 + 400);
    ByteBuffer.wrap(first).putShort(16, (short) 420).putShort(18, (short) 3).put(20, (byte) 0x20);
    final ParsedRecord record = ParsedRecord.full(first, true);
    assertThat(record.flags()).isEqualTo(PacketRecord.FLAG_FULL);
    assertThat(record.sourcePort()).isEqualTo(7);
    assertThat(record.ipLength()).isEqualTo(1040);
    assertThat(record.tcpPayload()).isEqualTo(1000);
    assertThat(record.frameLength()).isEqualTo(first.length);
    final byte[] later = first.clone();
    ByteBuffer.wrap(later).putShort(20, (short) 50);
    assertThat(ParsedRecord.full(later, true).flags())
        .isEqualTo(PacketRecord.FLAG_LATER_FRAGMENT | PacketRecord.FLAG_FULL);
  }

  @Test
  void recordsAFrameAsItIsWhoseInsideCannotBeRead() {
    final byte[] frame = carrier(TunnelHeader.VXLAN_PORT, INNER).bytes();
    final int inside = 14 + 20 + 8 + 8;
    for (int available = 42; available < inside + 14; available++) {
      final ParsedRecord record = ParsedRecord.full(frame, available, frame.length, 0, true);
      assertThat(record.destinationPort()).isEqualTo(TunnelHeader.VXLAN_PORT);
      assertThat(record.vni()).isEqualTo(available < inside ? 0 : VNI);
    }
    final ParsedRecord cut = ParsedRecord.full(frame, inside + 14, frame.length, 0, true);
    assertThat(cut.kind()).isEqualTo(PacketRecord.KIND_OTHER);
    assertThat(cut.has(PacketRecord.FLAG_TRUNCATED)).isTrue();
    frame[inside - 8] = 0;
    final ParsedRecord noVni = ParsedRecord.full(frame, true);
    assertThat(noVni.destinationPort()).isEqualTo(TunnelHeader.VXLAN_PORT);
    assertThat(noVni.extensionFlags()).isZero();
  }

  @Test
  void hasNoTcpOfFragmentsAndOfWhatContradictsItself() {
    final byte[] first =
        Frames.ethernet().ipv4(A, B).fragment(1, 0, true).tcp(1, 2, 0).payload(4).bytes();
    assertThat(ParsedRecord.full(first, false).extensionFlags()).isZero();
    final byte[] bad = Frames.ethernet().ipv4(A, B).tcp(1, 2, 0, 3, 4).bytes();
    bad[46] = 0x40;
    assertThat(ParsedRecord.full(bad, false).extensionFlags()).isZero();
    assertThat(ParsedRecord.full(bad, false).tcpSequence()).isZero();
    assertThat(ParsedRecord.full(bad, false).hopLimit()).isEqualTo(64);
  }

  @Test
  void readsNoFurtherThanItMayAtEveryLength() {
    for (byte[] frame : SampleFrames.all()) {
      for (int length = 0; length < frame.length; length++) {
        for (boolean inner : new boolean[] {false, true}) {
          assertThat(ParsedRecord.full(frame, length, frame.length, 0xff, inner))
              .as("%d bytes of %s", length, ParsedRecord.of(frame))
              .isEqualTo(ParsedRecord.full(frame, length, frame.length, 0, inner));
          assertThat(ParsedRecord.full(frame, length, length, 0xff, inner))
              .as("%d bytes of %s", length, ParsedRecord.of(frame))
              .isEqualTo(ParsedRecord.full(frame, length, length, 0, inner));
        }
      }
    }
  }

  private static Frames carrier(int port, byte[] frame) {
    final int head = port == TunnelHeader.VXLAN_PORT ? 0x0800_0000 : 0x6558;
    return Frames.ethernet()
        .ipv4(A, B)
        .udp(50_000, port)
        .payload(
            ByteBuffer.allocate(8 + frame.length).putInt(head).putInt(VNI << 8).put(frame).array());
  }
}
