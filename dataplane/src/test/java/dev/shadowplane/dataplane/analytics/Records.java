package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes records of frames, one by one or as ring messages. */
final class Records implements AutoCloseable {
  private static final int MESSAGE_BYTES = 1 << 15;

  private final Arena arena = Arena.ofConfined();
  private final FrameParser parser =
      new FrameParser(FlowHash.ofHex("000102030405060708090a0b0c0d0e0f"));
  private final long frameAddress = NativeMemory.allocate(arena, 70_000, 8);
  private final long record = NativeMemory.allocate(arena, PacketRecord.LONG_BYTES, 8);
  private final UnsafeBuffer message =
      new UnsafeBuffer(NativeMemory.allocate(arena, MESSAGE_BYTES, 8), MESSAGE_BYTES);

  /** The record of a frame, until the next one. */
  long of(byte[] frame) {
    NativeMemory.copy(frame, frameAddress, frame.length);
    parser.parse(frameAddress, frame.length, frame.length, 0, record);
    return record;
  }

  /** The record of a frame, until the next one. */
  long of(Frames frame) {
    return of(frame.bytes());
  }

  /** The tail of a record's key, with the ports that it names. */
  static long tail(long record) {
    return FlowKey.tail(
        NativeMemory.getLong(record),
        NativeMemory.getLong(record + PacketRecord.IP_LENGTH),
        NativeMemory.getInt(record + PacketRecord.SOURCE_PORT));
  }

  /** A record to write into. */
  long blank() {
    for (int i = 0; i < PacketRecord.LONG_BYTES; i += Long.BYTES) {
      NativeMemory.putLong(record + i, 0);
    }
    return record;
  }

  /** Lays out a message of these frames; {@link #message} holds it until the next one. */
  int messageOf(long timestampNs, Frames... frames) {
    message.putLong(RecordRing.BATCH_TIMESTAMP_OFFSET, timestampNs);
    message.putInt(RecordRing.BATCH_COUNT_OFFSET, frames.length);
    message.putInt(RecordRing.BATCH_COUNT_OFFSET + 4, 0);
    int length = RecordRing.BATCH_HEADER_LENGTH;
    for (Frames frame : frames) {
      final long made = of(frame);
      final int bytes = PacketRecord.lengthBytes(NativeMemory.getUnsignedByte(made));
      NativeMemory.copy(made, message.addressOffset() + length, bytes);
      length += bytes;
    }
    return length;
  }

  UnsafeBuffer message() {
    return message;
  }

  @Override
  public void close() {
    arena.close();
  }
}
