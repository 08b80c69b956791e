package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.Limits;
import dev.shadowplane.dataplane.mirror.FlowStarts;
import dev.shadowplane.dataplane.mirror.Sampler;
import dev.shadowplane.dataplane.mirror.TallyCount;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.worker.RecordFeed;
import dev.shadowplane.dataplane.worker.Worker;
import dev.shadowplane.dataplane.worker.WorkerPlan;
import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/** What the conductor knows of a worker: its plan, and how to change it. The conductor's thread. */
final class WorkerHandle {
  private static final long HIGHEST_LATENCY_NS = 10_000_000_000L;
  private static final double[] QUANTILES = {50, 99, 99.9, 100};
  private static final String[] QUANTILE_NAMES = {
    "latency-p50-ns", "latency-p99-ns", "latency-p99.9-ns", "latency-max-ns"
  };

  private final int index;
  private final Worker worker;
  private final Map<String, TallyCount> counts = new HashMap<>();
  private Map<Integer, Sampler> samplers = Map.of();
  private @Nullable FlowStarts starts;
  private final AtomicCounter[] quantiles = new AtomicCounter[QUANTILES.length];
  private final Histogram total = histogram();
  private Histogram filled = histogram();
  private Histogram spare = histogram();
  private WorkerPlan plan;
  private long ticket;
  private long holdTicket;
  private boolean swapping;

  WorkerHandle(int index, Worker worker, WorkerPlan plan, CounterRegistry counters) {
    this.index = index;
    this.worker = worker;
    this.plan = plan;
    this.filled = plan.latencies();
    for (int i = 0; i < QUANTILES.length; i++) {
      quantiles[i] =
          counters.counter(CounterTypes.WORKER, CounterTypes.worker(index, QUANTILE_NAMES[i]));
    }
  }

  static Histogram histogram() {
    return new Histogram(1, HIGHEST_LATENCY_NS, 3);
  }

  int index() {
    return index;
  }

  Worker worker() {
    return worker;
  }

  /** The counts of rules by label: kept as long as a rule is. */
  Map<String, TallyCount> counts() {
    return counts;
  }

  /**
   * What is to apply the limits of a rule: the sampler in force while the limits stay the same, or
   * another one, which {@link #rules} puts in force.
   */
  @Nullable Sampler sampler(int rule, Limits limits, int workers) {
    if (limits.equals(Limits.NONE)) {
      return null;
    }
    final Sampler kept = samplers.get(rule);
    if (kept != null && kept.limits().equals(limits)) {
      return kept;
    }
    if (starts == null && limits.countsFlows()) {
      starts = new FlowStarts();
    }
    return new Sampler(limits, rule, starts, workers);
  }

  /** Puts a plan in force, and the samplers in it by rule. */
  void rules(WorkerPlan withRules, Map<Integer, Sampler> samplersByRule) {
    samplers = samplersByRule;
    publish(withRules.with(plan.records(), plan.latencies()));
  }

  void records(@Nullable RecordFeed feed) {
    publish(plan.with(feed, plan.latencies()));
  }

  /** So that {@link #hasLeftOldPlans} tells when the worker has seen all that was done before. */
  void renewPlan() {
    publish(plan);
  }

  private void publish(WorkerPlan next) {
    plan = next;
    ticket = worker.publish(next);
  }

  /** Whether the worker has left every plan but the present one. */
  boolean hasLeftOldPlans() {
    return worker.hasLeft(ticket);
  }

  void hold() {
    holdTicket = worker.hold();
  }

  /** Whether it uses no queue any more. */
  boolean isHeld() {
    return worker.hasLeft(holdTicket);
  }

  void release() {
    worker.release();
  }

  /** Takes in what was measured since the last call, as far as the worker has let go of it. */
  void collectLatencies() {
    if (swapping && hasLeftOldPlans()) {
      swapping = false;
      total.add(spare);
      spare.reset();
      for (int i = 0; i < QUANTILES.length; i++) {
        quantiles[i].setRelease(total.getValueAtPercentile(QUANTILES[i]));
      }
    }
    if (!swapping) {
      swapping = true;
      final Histogram full = filled;
      filled = spare;
      spare = full;
      publish(plan.with(plan.records(), filled));
    }
  }
}
