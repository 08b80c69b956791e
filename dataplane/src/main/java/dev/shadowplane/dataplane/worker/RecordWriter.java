package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records of a burst, as full as the plan asks for, and writes them to the ring as one
 * message. One thread; never waits.
 */
final class RecordWriter {
  private final BurstParser parser;
  private final RecordBatch batch;
  private final FullShare share;
  private final WorkerCounters counters;
  private boolean remakes;
  private boolean full;

  RecordWriter(BurstParser parser, FlowHash flowHash, int capacity, WorkerCounters counters) {
    this.parser = parser;
    this.batch = new RecordBatch(parser, flowHash, capacity);
    this.share = new FullShare(counters.fullFlowsPpm());
    this.counters = counters;
  }

  /**
   * Parses a burst.
   *
   * @param plan says where its records go, if anywhere, and what they hold
   * @param burst its frames, which stay the caller's
   * @param count how many
   * @param path where they come from
   * @param nowNs of {@link System#nanoTime}
   */
  void parse(WorkerPlan plan, MbufBurst burst, int count, ForwardPath path, long nowNs) {
    final @Nullable RecordFeed feed = plan.records();
    remakes = false;
    full = false;
    if (feed != null) {
      share.decide(feed, nowNs);
      remakes = feed.config().inner() || share.isSome();
      full = !remakes && share.isAll();
    }
    parser.parse(burst, count, path, full, number(plan));
  }

  /** What records call the rule that decides about every packet, unless rules are looked up. */
  private static int number(WorkerPlan plan) {
    return plan.rules() == null ? RecordExtension.NO_RULE : plan.tallies().number(0);
  }

  /**
   * Completes the records of the burst that was parsed last, while its frames may be read.
   *
   * @param plan as it was parsed by
   * @param burst its frames, which stay the caller's
   * @param count how many
   * @param deciding the rule of each; null when the first rule decided about all, or there is none
   */
  void complete(WorkerPlan plan, MbufBurst burst, int count, int @Nullable [] deciding) {
    final @Nullable RecordFeed feed = plan.records();
    if (remakes && feed != null) {
      final boolean inner = feed.config().inner();
      batch.make(burst, count, inner, share, plan.tallies(), deciding, number(plan));
      return;
    }
    batch.take(full ? count : 0);
    if (full && deciding != null) {
      batch.putRules(count, plan.tallies(), deciding);
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
