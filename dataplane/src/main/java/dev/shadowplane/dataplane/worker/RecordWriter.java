package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import org.jspecify.annotations.Nullable;

/** Writes the records of a burst to the ring as one message. One thread; never waits. */
final class RecordWriter {
  private final RecordBatch batch;
  private final FullShare share;
  private final WorkerCounters counters;

  RecordWriter(BurstParser parser, FlowHash flowHash, int capacity, WorkerCounters counters) {
    this.batch = new RecordBatch(parser, flowHash, capacity);
    this.share = new FullShare(counters.fullFlowsPpm());
    this.counters = counters;
  }

  /**
   * Makes the records of a burst that was parsed, while its frames may be read.
   *
   * @param plan says where they go, if anywhere, and what they hold
   * @param burst its frames, which stay the caller's
   * @param count how many
   * @param deciding the rule of each; null when the first rule decided about all, or there is none
   * @param nowNs of {@link System#nanoTime}
   */
  void prepare(WorkerPlan plan, MbufBurst burst, int count, int @Nullable [] deciding, long nowNs) {
    final @Nullable RecordFeed feed = plan.records();
    if (feed == null) {
      return;
    }
    share.decide(feed, nowNs);
    final boolean inner = feed.config().inner();
    if (share.isNone() && !inner) {
      batch.takeLean();
    } else {
      final int rule = plan.rules() == null ? RuleTable.NONE : 0;
      batch.make(burst, count, inner, share, plan.tallies(), deciding, rule);
    }
  }

  /**
   * Writes what was prepared last, or sheds it.
   *
   * @param ring where to
   * @param count how many records
   * @param timestampNs of the burst, since 1970
   */
  void write(RecordRing ring, int count, long timestampNs) {
    final int at = ring.claim(RecordRing.BATCH_HEADER_LENGTH + batch.recordBytes());
    if (at < 0) {
      counters.recordsShed().setRelease(counters.recordsShed().getPlain() + count);
      return;
    }
    final long to = ring.buffer().addressOffset() + at;
    NativeMemory.putLong(to + RecordRing.BATCH_TIMESTAMP_OFFSET, timestampNs);
    NativeMemory.putLong(to + RecordRing.BATCH_COUNT_OFFSET, count);
    NativeMemory.copy(batch.records(), to + RecordRing.BATCH_HEADER_LENGTH, batch.recordBytes());
    ring.commit(at);
    counters.recordsTaken().setRelease(counters.recordsTaken().getPlain() + count);
    if (batch.full() > 0) {
      counters.recordsFull().setRelease(counters.recordsFull().getPlain() + batch.full());
    }
  }
}
