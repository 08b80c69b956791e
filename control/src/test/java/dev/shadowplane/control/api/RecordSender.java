package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/** Sends records of UDP frames into a ring, as a worker would. */
final class RecordSender {
  /** From 10.0.0.1:1234 to 10.0.0.2:53. */
  static final int FRAME_BYTES = 46;

  private static final byte[] UDP =
      HexFormat.of()
          .parseHex(
              "02000000000202000000000108004500002000010000401100000a0000010a000002"
                  + "04d20035000c000061626364");
  private static final int SOURCE_PORT_AT = 34;

  private final OneToOneRingBuffer ring =
      new OneToOneRingBuffer(
          new UnsafeBuffer(
              ByteBuffer.allocateDirect((1 << 20) + RingBufferDescriptor.TRAILER_LENGTH)));

  OneToOneRingBuffer ring() {
    return ring;
  }

  /** Sends a burst of the same frame. */
  void send(final int frames) {
    send(1234, frames);
  }

  /** Sends a burst of the same frame, from another port. */
  void send(final int sourcePort, final int frames) {
    final byte[] udp = UDP.clone();
    udp[SOURCE_PORT_AT] = (byte) (sourcePort >>> 8);
    udp[SOURCE_PORT_AT + 1] = (byte) sourcePort;
    try (Arena arena = Arena.ofConfined()) {
      final long frame = NativeMemory.allocate(arena, udp.length, Long.BYTES);
      NativeMemory.copy(udp, frame, udp.length);
      final long record = NativeMemory.allocate(arena, PacketRecord.LONG_BYTES, Long.BYTES);
      final FrameParser parser = new FrameParser(new FlowHash(new byte[FlowHash.KEY_BYTES]));
      parser.parse(frame, udp.length, udp.length, 0, record);
      final int recordBytes = PacketRecord.lengthBytes(PacketRecord.KIND_IPV4);
      final byte[] parsed = new byte[recordBytes];
      NativeMemory.copy(record, parsed, recordBytes);
      final UnsafeBuffer message =
          new UnsafeBuffer(new byte[RecordRing.BATCH_HEADER_LENGTH + frames * recordBytes]);
      message.putLong(
          RecordRing.BATCH_TIMESTAMP_OFFSET,
          System.currentTimeMillis() * 1_000_000,
          ByteOrder.LITTLE_ENDIAN);
      message.putInt(RecordRing.BATCH_COUNT_OFFSET, frames, ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < frames; i++) {
        message.putBytes(RecordRing.BATCH_HEADER_LENGTH + i * recordBytes, parsed);
      }
      TestClient.until(() -> ring.write(RecordRing.BATCH_TYPE, message, 0, message.capacity()));
    }
  }
}
