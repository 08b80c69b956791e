package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;

/**
 * Reads the messages of record rings. One that contradicts itself is counted and none of its
 * records taken. The rings' memory is native or mapped. Allocates nothing.
 */
final class RecordReader implements MessageHandler {
  private final FlowTable table;
  private final RecordIntake intake;
  private final long[] records = new long[FlowTable.PREFETCH_RECORDS];
  private long badMessages;
  private long oldestBurstNs = Long.MAX_VALUE;

  RecordReader(FlowTable table, RecordIntake intake) {
    this.table = table;
    this.intake = intake;
  }

  @Override
  public void onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
    if (type != RecordRing.BATCH_TYPE || !isSound(buffer, index, length)) {
      badMessages++;
      return;
    }
    final long timestampNs = buffer.getLong(index + RecordRing.BATCH_TIMESTAMP_OFFSET);
    oldestBurstNs = Math.min(oldestBurstNs, timestampNs);
    table.advance(timestampNs);
    final long end = buffer.addressOffset() + index + length;
    long record = buffer.addressOffset() + index + RecordRing.BATCH_HEADER_LENGTH;
    while (record < end) {
      int count = 0;
      while (record < end && count < records.length) {
        records[count++] = record;
        record += PacketRecord.totalBytes(RawMemory.getUnsignedShort(record));
      }
      table.prefetch(records, count);
      for (int i = 0; i < count; i++) {
        intake.take(records[i], timestampNs);
      }
    }
  }

  /** Messages skipped. */
  long badMessages() {
    return badMessages;
  }

  /** Time of the oldest burst read since the last call; {@link Long#MAX_VALUE} without one. */
  long takeOldestBurstNs() {
    final long oldest = oldestBurstNs;
    oldestBurstNs = Long.MAX_VALUE;
    return oldest;
  }

  private static boolean isSound(MutableDirectBuffer buffer, int index, int length) {
    if (length < RecordRing.BATCH_HEADER_LENGTH) {
      return false;
    }
    final int end = index + length;
    final int count = buffer.getInt(index + RecordRing.BATCH_COUNT_OFFSET);
    int at = index + RecordRing.BATCH_HEADER_LENGTH;
    int records = 0;
    while (at < end) {
      final int kind = buffer.getByte(at);
      if (kind != PacketRecord.KIND_IPV4
          && kind != PacketRecord.KIND_IPV6
          && kind != PacketRecord.KIND_OTHER) {
        return false;
      }
      at += PacketRecord.totalBytes(buffer.getShort(at));
      records++;
    }
    return at == end && records == count;
  }
}
