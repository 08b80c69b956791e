package dev.shadowplane.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Benchmarks measure what they claim only when their frames are what they claim. */
final class FramesTest {
  private static final int TCP = 6;
  private static final int UDP = 17;

  private final Arena arena = Arena.ofConfined();
  private final long frame = NativeMemory.allocate(arena, 2_048, 64);
  private final long record = NativeMemory.allocate(arena, PacketRecord.LONG_BYTES, 64);

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void everyKindParsesAsItself() {
    assertParsed(Frames.udp4(5, 64), PacketRecord.KIND_IPV4, UDP, 0, 50);
    assertParsed(Frames.tcp4(5, 1_514), PacketRecord.KIND_IPV4, TCP, 0, 1_500);
    assertParsed(Frames.udp6(5, 80), PacketRecord.KIND_IPV6, UDP, 0, 66);
    assertParsed(
        Frames.tagged(Frames.udp4(5, 64), 100),
        PacketRecord.KIND_IPV4,
        UDP,
        PacketRecord.FLAG_VLAN,
        50);
    assertParsed(
        Frames.malformed(5), PacketRecord.KIND_IPV4, UDP, PacketRecord.FLAG_MALFORMED, 1_500);
  }

  @Test
  void everyFlowHasAHashOfItsOwn() {
    assertThat(
            IntStream.range(0, 1_024)
                .map(flow -> {
                  parse(Frames.udp4(flow, 64));
                  return NativeMemory.getInt(record + PacketRecord.FLOW_HASH);
                })
                .distinct()
                .count())
        .isEqualTo(1_024);
  }

  @Test
  void headerChecksumsAreRight() {
    for (int flow : new int[] {0, 1, 65_535, Frames.MAX_FLOWS - 1}) {
      final ByteBuffer header = ByteBuffer.wrap(Frames.tcp4(flow, 128), 14, 20);
      int sum = 0;
      while (header.hasRemaining()) {
        sum += header.getShort() & 0xffff;
      }
      assertThat((sum & 0xffff) + (sum >>> 16)).as("flow %d", flow).isEqualTo(0xffff);
    }
  }

  private void assertParsed(byte[] bytes, int kind, int protocol, int flags, int ipLength) {
    assertThat(parse(bytes)).isEqualTo(flags);
    assertThat(NativeMemory.getUnsignedByte(record + PacketRecord.KIND)).isEqualTo(kind);
    assertThat(NativeMemory.getUnsignedByte(record + PacketRecord.PROTOCOL)).isEqualTo(protocol);
    assertThat(NativeMemory.getInt(record + PacketRecord.FRAME_LENGTH) & 0xff_ffff)
        .isEqualTo(bytes.length);
    assertThat(
            Short.reverseBytes(
                (short) NativeMemory.getUnsignedShort(record + PacketRecord.IP_LENGTH)))
        .isEqualTo((short) ipLength);
  }

  private int parse(byte[] bytes) {
    NativeMemory.copy(bytes, frame, bytes.length);
    return new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES]))
        .parse(frame, bytes.length, bytes.length, 0, record);
  }
}
