package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.ReservedMemory;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;

/**
 * Reads the messages of record rings. One that contradicts itself is counted and none of its
 * records taken. The rings' memory is native or mapped. Records are copied, so that the table gets
 * full batches whatever the length of bursts; {@link #flush} gives it what is left. Allocates
 * nothing.
 */
final class RecordReader implements MessageHandler {
  private static final int KINDS =
      1 << PacketRecord.KIND_OTHER | 1 << PacketRecord.KIND_IPV4 | 1 << PacketRecord.KIND_IPV6;

  private static final int MAX_RECORD_BYTES = PacketRecord.LONG_BYTES + RecordExtension.BYTES;

  private final FlowTable table;
  private final RecordIntake intake;
  private final ReservedMemory copies =
      new ReservedMemory((long) FlowTable.BATCH * MAX_RECORD_BYTES);
  private final long[] records = new long[FlowTable.BATCH];
  private final long[] timestampsNs = new long[FlowTable.BATCH];
  private long end = copies.address();
  private int count;
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
    final long behind = message + length;
    final long first = message + RecordRing.BATCH_HEADER_LENGTH;
    final int records = countOf(first, behind);
    if (records != RawMemory.getInt(message + RecordRing.BATCH_COUNT_OFFSET)) {
      badMessages++;
      return;
    }
    final long timestampNs = RawMemory.getLong(message + RecordRing.BATCH_TIMESTAMP_OFFSET);
    oldestBurstNs = Math.min(oldestBurstNs, timestampNs);
    table.advance(timestampNs);
    for (long from = first; from < behind; ) {
      from = add(from, behind, timestampNs);
    }
  }

  /** Has the table take all that was read. */
  void flush() {
    if (count > 0) {
      final int taken = count;
      // Before: whatever a sink throws, none of them is taken twice.
      count = 0;
      end = copies.address();
      intake.take(records, timestampsNs, taken);
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

  void close() {
    copies.close();
  }

  /** Adds as many records to the batch as there is room for; where the next one begins. */
  private long add(long first, long behind, long timestampNs) {
    if (count == FlowTable.BATCH) {
      flush();
    }
    long record = first;
    while (record < behind && count < FlowTable.BATCH) {
      records[count] = end + (record - first);
      timestampsNs[count] = timestampNs;
      count++;
      record += PacketRecord.totalBytes(RawMemory.getUnsignedShort(record));
    }
    RawMemory.copy(first, end, record - first);
    end += record - first;
    return record;
  }

  /** How many records there are; -1 when they do not end where the message does. */
  private static int countOf(long first, long behind) {
    long record = first;
    int count = 0;
    while (record < behind) {
      final int head = RawMemory.getUnsignedShort(record);
      final int kind = head & 0xff;
      if (kind > PacketRecord.KIND_IPV6 || (KINDS >>> kind & 1) == 0) {
        return -1;
      }
      count++;
      record += PacketRecord.totalBytes(head);
    }
    return record == behind ? count : -1;
  }
}
