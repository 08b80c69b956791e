package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Records of a capture's frames with their times, on their way from the thread that reads the file
 * to the one that keeps the flows. Of one thread at a time.
 */
final class RecordBatch {
  /** Frames it has room for; one may carry another. */
  static final int CAPACITY = 1_024;

  private static final int RECORD_BYTES = PacketRecord.LONG_BYTES + RecordExtension.BYTES;

  /** Addresses of the records. */
  final long[] records = new long[CAPACITY];

  /** When their frames were captured, ns since 1970. */
  final long[] timestampsNs = new long[CAPACITY];

  /** How many there are. */
  int count;

  /** How far the file had been read, in bytes from its beginning. */
  long offsetBytes;

  /** Whether no other comes after it. */
  boolean last;

  /** Why the file could not be read to its end; null when it could. */
  @Nullable Throwable failure;

  private final long memory;
  private long next;

  /** An empty one, in memory that lasts as long as the arena. */
  RecordBatch(Arena arena) {
    memory = NativeMemory.allocate(arena, (long) CAPACITY * RECORD_BYTES, Long.BYTES);
    clear();
  }

  /** Forgets what is in it. */
  void clear() {
    count = 0;
    next = memory;
  }

  /** Where the next record is to be written; while {@link #count} is less than the capacity. */
  long next() {
    return next;
  }

  /** Takes in the record written there. */
  void add(long timestampNs) {
    records[count] = next;
    timestampsNs[count++] = timestampNs;
    next += PacketRecord.totalBytes(RawMemory.getUnsignedShort(next));
  }
}
