package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.telemetry.RecordRings;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * Keeps flows from the record rings of the workers, ends them in time, and answers {@link
 * #queries}.
 *
 * <p>Runs on one thread, as an {@link Agent} or invoked by hand; {@link #queries} alone is for
 * others. Each duty cycle's work is bounded. Allocates nothing while nobody asks or subscribes.
 */
public final class AnalyticsAgent implements Agent {
  private static final int MESSAGES_PER_RING = 256;
  private static final int SWEEP_SLOTS = 4096;
  private static final int WALK_SLOTS = 2048;
  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long UPDATES_NS = TimeUnit.SECONDS.toNanos(1);

  private final FlowTable table;
  private final RecordIntake intake;
  private final RecordReader reader;
  private final FlowSink sink;
  private final FlowChangeSink changes;
  private final AnalyticsCounters counters;
  private final EpochNanoClock clock;
  private final FlowQueries queries = new FlowQueries();
  private final RingHandover handover = new RingHandover();
  private final FlowVisitor updateVisitor = this::onUpdate;

  private OneToOneRingBuffer[] rings = {};
  private boolean lagging;
  private long pauseNs;
  private long caughtUpNs;
  private boolean caughtUp;
  private boolean closed;
  private long tickNs;
  private long missed;
  private int updateSlot = -1;
  private long updateRoundNs;
  private long updatedSinceNs;
  private long roundTableNs;

  /**
   * An agent without rings that keeps no sums.
   *
   * @param config limits of its flow table
   * @param sink takes each flow that ends, on the agent's thread
   * @param counters where it publishes what it does
   * @param clock the workers' clock: lag is measured by it, and it ends flows while no record comes
   */
  public AnalyticsAgent(
      FlowTableConfig config, FlowSink sink, AnalyticsCounters counters, EpochNanoClock clock) {
    this(config, sink, FlowChangeSink.NONE, counters, clock);
  }

  /**
   * An agent without rings.
   *
   * @param config limits of its flow table
   * @param sink takes each flow that ends, on the agent's thread
   * @param changes is told of flows that change, on the agent's thread
   * @param counters where it publishes what it does
   * @param clock the workers' clock: lag is measured by it, and it ends flows while no record comes
   */
  public AnalyticsAgent(
      FlowTableConfig config,
      FlowSink sink,
      FlowChangeSink changes,
      AnalyticsCounters counters,
      EpochNanoClock clock) {
    this.sink = sink;
    this.changes = changes;
    this.counters = counters;
    this.clock = clock;
    table = new FlowTable(config, this::onEnd, changes);
    intake = new RecordIntake(table);
    reader = new RecordReader(table, intake);
    publish(0);
  }

  /**
   * Reads other rings from now on. On the agent's thread, between duty cycles; what is left in the
   * rings before is not read.
   *
   * @param rings one a worker; their messages are laid out as {@link
   *     dev.shadowplane.dataplane.telemetry.RecordRing} says, in native or mapped memory
   */
  public void rings(OneToOneRingBuffer[] rings) {
    for (OneToOneRingBuffer ring : rings) {
      if (ring.buffer().byteArray() != null) {
        throw new IllegalArgumentException("a record ring lies in native or mapped memory");
      }
    }
    this.rings = rings.clone();
  }

  /**
   * Questions to this agent.
   *
   * @return for any thread
   */
  public FlowQueries queries() {
    return queries;
  }

  /**
   * Where an attachment hands its rings over, from its own thread; they are read, or let go, from
   * the next duty cycle on.
   *
   * @return for the thread of the attachment
   */
  public RecordRings<OneToOneRingBuffer> recordRings() {
    return handover;
  }

  @Override
  public int doWork() {
    if (handover.changed()) {
      readOut();
      rings(handover.take());
    }
    int work = readRings();
    final long nowNs = clock.nanoTime();
    final boolean tick = work > 0 || lagging || nowNs - tickNs >= TICK_NS;
    if (work == 0 && tick) {
      // The rings are empty, so time has come as far as the clock.
      table.advance(nowNs);
    }
    lagging = work > 0;
    work += table.sweep(SWEEP_SLOTS);
    if (tick) {
      tickNs = nowNs;
      final long oldestNs = reader.takeOldestBurstNs();
      publish(oldestNs == Long.MAX_VALUE ? 0 : Math.max(0, nowNs - oldestNs));
    }
    work += changes.advance(table.nowNs());
    work += queries.advance(table, intake, WALK_SLOTS);
    return work + update(nowNs);
  }

  /** Reads what is in the rings at this moment, and little of what a worker goes on to add. */
  private void readOut() {
    for (OneToOneRingBuffer ring : rings) {
      final long end = Math.min(ring.producerPosition(), ring.consumerPosition() + ring.capacity());
      while (ring.consumerPosition() < end && ring.read(reader, MESSAGES_PER_RING) > 0) {
        reader.flush();
      }
    }
  }

  private int readRings() {
    if (pauseNs > 0) {
      final long monotonicNs = System.nanoTime();
      if (caughtUp && monotonicNs - caughtUpNs < pauseNs) {
        return 0;
      }
      caughtUpNs = monotonicNs;
    }
    int work = 0;
    caughtUp = true;
    for (OneToOneRingBuffer ring : rings) {
      final int read = ring.read(reader, MESSAGES_PER_RING);
      caughtUp &= read < MESSAGES_PER_RING;
      work += read;
    }
    reader.flush();
    return work;
  }

  /**
   * Leaves the rings alone for a while whenever all was read. A reader that is always at a worker's
   * heels takes each cache line away while it is being written: the worker then mirrors a third
   * fewer packets a second.
   *
   * @param ns how long, far less than a ring takes to fill; 0, to begin with, for never
   */
  public void pauseWhenCaughtUp(long ns) {
    pauseNs = ns;
  }

  @Override
  public String roleName() {
    return "analytics";
  }

  /** Ends every flow, refuses all questions and frees the table. */
  @Override
  public void onClose() {
    if (!closed) {
      closed = true;
      handover.close();
      table.endAll(EndReason.END_OF_INPUT);
      publish(0);
      queries.close();
      reader.close();
      table.close();
    }
  }

  private void onEnd(FlowView flow, EndReason reason) {
    sink.onFlow(flow, reason);
    for (FlowSubscription subscription : queries.subscriptions()) {
      missed += subscription.offer(flow, reason) ? 0 : 1;
    }
  }

  private void onUpdate(FlowView flow) {
    if (flow.lastSeenNs() >= updatedSinceNs) {
      for (FlowSubscription subscription : queries.subscriptions()) {
        if (subscription.wantsUpdates()) {
          missed += subscription.offer(flow, EndReason.ONGOING) ? 0 : 1;
        }
      }
    }
  }

  /** A slice of the walk that tells subscribers which flows go on. */
  private int update(long nowNs) {
    if (updateSlot < 0) {
      if (nowNs - updateRoundNs < UPDATES_NS || !anyWantsUpdates()) {
        return 0;
      }
      updateRoundNs = nowNs;
      updatedSinceNs = roundTableNs;
      roundTableNs = table.nowNs();
      updateSlot = 0;
    }
    updateSlot = table.visit(updateSlot, WALK_SLOTS, updateVisitor);
    return 1;
  }

  private boolean anyWantsUpdates() {
    for (FlowSubscription subscription : queries.subscriptions()) {
      if (subscription.wantsUpdates()) {
        return true;
      }
    }
    return false;
  }

  private void publish(long lagNs) {
    counters.set(AnalyticsCounter.RECORDS_TAKEN, intake.records());
    counters.set(AnalyticsCounter.BAD_MESSAGES, reader.badMessages());
    counters.set(AnalyticsCounter.MALFORMED, intake.malformed());
    counters.set(AnalyticsCounter.NOT_IP, intake.notIpTotal());
    counters.set(AnalyticsCounter.FLOWS, table.size());
    counters.set(AnalyticsCounter.FLOW_CAPACITY, table.capacity());
    counters.set(AnalyticsCounter.FLOW_TABLE_LOAD, table.loadPercent());
    counters.set(AnalyticsCounter.FLOWS_MEASURED, table.measured());
    counters.set(AnalyticsCounter.FLOWS_UNMEASURED, table.unmeasured());
    counters.set(AnalyticsCounter.FLOWS_ENDED, table.ended());
    counters.set(AnalyticsCounter.FLOWS_EVICTED, table.evictions());
    counters.set(AnalyticsCounter.LAG_NS, lagNs);
    counters.set(AnalyticsCounter.FLOWS_MISSED, missed);
  }
}
