package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.encap.Copies;
import dev.shadowplane.dataplane.mirror.RuleTable;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.mirror.RuleTally;
import java.util.Arrays;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the conductor may change for a worker while it runs, as one reference that the
 * worker reads once a duty cycle. The plan itself is immutable; what it refers to belongs to the
 * worker until {@link Worker#hasLeft} says otherwise.
 */
public final class WorkerPlan {
  /** What marks the journal among a rule's targets. */
  public static final int JOURNAL = -1;

  private static final int NOWHERE = -1;

  private final @Nullable RuleTable rules;
  private final int[] ruleIds;
  private final RuleTallies tallies;
  private final int[][] targets;
  private final Copies copies;
  private final Portion[] portions;
  private final @Nullable RecordFeed records;
  private final Histogram latencies;
  private final int mirrorsAllTo;
  private final boolean inspects;
  private final boolean stamps;

  /**
   * A plan.
   *
   * @param rules null when there are none
   * @param ruleIds by a rule's index, what the journal calls it
   * @param tallies this worker's ledgers
   * @param targets by a rule's index, its targets in order: an index among the worker's target
   *     ports, {@link #JOURNAL}, or what {@link #copy} returned
   * @param copies the targets to which frames do not go as they are
   * @param portions by a rule's index, how much of what it matches is taken
   * @param records null when nobody takes records
   * @param latencies filled by the worker
   */
  public WorkerPlan(
      @Nullable RuleTable rules,
      int[] ruleIds,
      RuleTallies tallies,
      int[][] targets,
      Copies copies,
      Portion[] portions,
      @Nullable RecordFeed records,
      Histogram latencies) {
    this.rules = rules;
    this.ruleIds = ruleIds;
    this.tallies = tallies;
    this.targets = targets;
    this.copies = copies;
    this.portions = portions;
    this.records = records;
    this.latencies = latencies;
    final boolean everything = rules != null && rules.takesEverything();
    this.mirrorsAllTo =
        everything && targets[0].length == 1 && targets[0][0] >= 0 ? targets[0][0] : NOWHERE;
    this.inspects = rules != null || records != null;
    this.stamps =
        records != null
            || copies.stamps()
            || Arrays.stream(portions).anyMatch(portion -> portion.sampler() != null)
            || Arrays.stream(targets).flatMapToInt(Arrays::stream).anyMatch(t -> t == JOURNAL);
  }

  /**
   * A plan without rules and records: production is forwarded and nothing else done.
   *
   * @param latencies filled by the worker
   * @return the plan
   */
  public static WorkerPlan forwarding(Histogram latencies) {
    return new WorkerPlan(
        null,
        new int[0],
        new RuleTallies(new RuleTally[0]),
        new int[0][],
        Copies.NONE,
        new Portion[0],
        null,
        latencies);
  }

  /**
   * The same plan with other parts.
   *
   * @param newRecords null when nobody takes records
   * @param newLatencies filled by the worker
   * @return a new plan
   */
  public WorkerPlan with(@Nullable RecordFeed newRecords, Histogram newLatencies) {
    return new WorkerPlan(
        rules, ruleIds, tallies, targets, copies, portions, newRecords, newLatencies);
  }

  /** Whether packets are parsed at all; a disabled feature is absent from the path. */
  boolean inspects() {
    return inspects;
  }

  /** The port, among the worker's, that gets every packet and is the only target; or negative. */
  int mirrorsAllTo() {
    return mirrorsAllTo;
  }

  /** Whether anything bears the time of its burst. */
  boolean stamps() {
    return stamps;
  }

  @Nullable RuleTable rules() {
    return rules;
  }

  int ruleId(int rule) {
    return ruleIds[rule];
  }

  RuleTallies tallies() {
    return tallies;
  }

  int[] targets(int rule) {
    return targets[rule];
  }

  /**
   * What marks a changed or encapsulated copy among a rule's targets; its own inverse.
   *
   * @param number as {@link Copies} knows it
   * @return a number below {@link #JOURNAL}
   */
  public static int copy(int number) {
    return JOURNAL - 1 - number;
  }

  Copies copies() {
    return copies;
  }

  Portion portion(int rule) {
    return portions[rule];
  }

  /**
   * Where records go.
   *
   * @return null when nobody takes them
   */
  public @Nullable RecordFeed records() {
    return records;
  }

  /**
   * What latencies go into.
   *
   * @return the worker's to write while it has this plan
   */
  public Histogram latencies() {
    return latencies;
  }
}
