package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import java.util.Arrays;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;

/**
 * Reads the messages of record rings. One that contradicts itself is counted and none of its
 * records taken. The rings' memory is native or mapped. Allocates nothing.
 */
final class RecordReader implements MessageHandler {
  private static final int KINDS =
      1 << PacketRecord.KIND_OTHER | 1 << PacketRecord.KIND_IPV4 | 1 << PacketRecord.KIND_IPV6;

  private final FlowTable table;
  private final RecordIntake intake;
  private final long[] records = new long[FlowTable.BATCH];
  private final long[] timestampsNs = new long[FlowTable.BATCH];
  private long badMessages;
  private long oldestBurstNs = Long.MAX_VALUE;

  RecordReader(FlowTable table, RecordIntake intake) {
    this.table = table;
    this.intake = intake;
  }

  @Override
  public void onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
    if (type != RecordRing.BATCH_TYPE || length < RecordRing.BATCH_HEADER_LENGTH) {
      badMessages++;
      return;
    }
    final long message = buffer.addressOffset() + index;
    final long end = message + length;
    final long first = message + RecordRing.BATCH_HEADER_LENGTH;
    // A burst is seldom longer than a batch, and then its records are found once.
    final int count = find(first, end);
    if (count != RawMemory.getInt(message + RecordRing.BATCH_COUNT_OFFSET)) {
      badMessages++;
      return;
    }
    final long timestampNs = RawMemory.getLong(message + RecordRing.BATCH_TIMESTAMP_OFFSET);
    oldestBurstNs = Math.min(oldestBurstNs, timestampNs);
    table.advance(timestampNs);
    long record = first;
    for (int left = count; left > 0; left -= FlowTable.BATCH) {
      final int taken = Math.min(left, FlowTable.BATCH);
      if (record != first) {
        find(record, end);
      }
      final long last = records[taken - 1];
      record = last + PacketRecord.totalBytes(RawMemory.getUnsignedShort(last));
      Arrays.fill(timestampsNs, 0, taken, timestampNs);
      intake.take(records, timestampsNs, taken);
    }
  }

  /** Finds the records up to the end, of which it keeps a batch; -1 when they do not fit. */
  private int find(long first, long end) {
    long record = first;
    int count = 0;
    while (record < end) {
      final int head = RawMemory.getUnsignedShort(record);
      final int kind = head & 0xff;
      if (kind > PacketRecord.KIND_IPV6 || (KINDS >>> kind & 1) == 0) {
        return -1;
      }
      if (count < FlowTable.BATCH) {
        records[count] = record;
      }
      count++;
      record += PacketRecord.totalBytes(head);
    }
    return record == end ? count : -1;
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
}
