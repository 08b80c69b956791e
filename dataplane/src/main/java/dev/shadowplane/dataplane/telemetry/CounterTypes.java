package dev.shadowplane.dataplane.telemetry;

/**
 * Type ids and labels of the counters. A label is {@code subject.name.what[.detail]}: lower case,
 * units as suffix ({@code -ns}, {@code -bytes}), {@code port:NAME} or {@code journal} for a target.
 * Values only grow, unless the name says otherwise ({@code longest-gap-ns} is a maximum, {@code
 * attachment.attached} a state).
 *
 * <p>Who writes what: the conductor allocates and frees every counter; each counter then has one
 * writing thread for its life, which uses plain arithmetic and an ordered store ({@code
 * incrementRelease}, {@code getAndAddRelease}, {@code setRelease}, {@code proposeMaxRelease} of
 * {@link org.agrona.concurrent.status.AtomicCounter}) and never a locked instruction. Several
 * workers that count the same thing have a counter each, labelled by {@link #perWorker}. Counters
 * lie 128 bytes apart, so that no two writers share a cache line.
 */
public final class CounterTypes {
  /** {@code port.NAME.WHAT}: written by the worker that owns the queue. */
  public static final int PORT = 1;

  /** {@code worker.INDEX.WHAT}: written by that worker. */
  public static final int WORKER = 2;

  /** {@code rule.NAME.mirrored.TARGET}: packets handed to a target. */
  public static final int RULE_MIRRORED = 3;

  /** {@code rule.NAME.shed.TARGET.REASON}: packets that a rule chose and a target did not get. */
  public static final int RULE_SHED = 4;

  /** {@code rule.NAME.WHAT}: anything else about a rule. */
  public static final int RULE = 5;

  /**
   * What {@code rule.NAME.revision} ends with: odd while a worker publishes the rule's counters,
   * see {@link RuleLedger}.
   */
  public static final String REVISION = "revision";

  /** {@code records.INDEX.WHAT}: packet records of a worker. */
  public static final int RECORDS = 6;

  /** {@code journal.WHAT}: written by the journal agent. */
  public static final int JOURNAL = 7;

  /** {@code journal.shed.REASON}: frames that reached the journal agent and were not kept. */
  public static final int JOURNAL_SHED = 8;

  /** {@code attachment.WHAT}: written by the conductor. */
  public static final int ATTACHMENT = 9;

  /** {@code conductor.WHAT}: written by the conductor. */
  public static final int CONDUCTOR = 10;

  /**
   * {@code replay.NAME.WHAT}: written by the replay agent, by the loader of the replay, and, of its
   * state and its timing error, by the conductor.
   */
  public static final int REPLAY = 11;

  /** {@code collector.NAME.WHAT}: written by the conductor. */
  public static final int COLLECTOR = 12;

  private CounterTypes() {}

  /** Returns {@code port.NAME.WHAT}, such as {@code port.client.rx-packets}. */
  public static String port(final String port, final String what) {
    return label("port", port, what);
  }

  /** Returns {@code worker.INDEX.WHAT}, such as {@code worker.1.longest-gap-ns}. */
  public static String worker(final int index, final String what) {
    return label("worker", Integer.toString(index), what);
  }

  /** Returns {@code rule.NAME.WHAT}, such as {@code rule.web.matched}. */
  public static String rule(final String rule, final String what) {
    return label("rule", rule, what);
  }

  /** Returns the type of {@code rule.NAME.WHAT}. */
  public static int ofRule(final String what) {
    return what.startsWith("mirrored.")
        ? RULE_MIRRORED
        : what.startsWith("shed.") ? RULE_SHED : RULE;
  }

  /** Returns {@code rule.NAME.mirrored.TARGET}, such as {@code rule.web.mirrored.port:shadow}. */
  public static String ruleMirrored(final String rule, final String target) {
    return label("rule", rule, "mirrored", target);
  }

  /**
   * Returns {@code rule.NAME.shed.TARGET.REASON}, such as {@code
   * rule.web.shed.port:shadow.ring-full}.
   */
  public static String ruleShed(final String rule, final String target, final String reason) {
    return label("rule", rule, "shed", target, reason);
  }

  /** Returns {@code records.INDEX.WHAT}, such as {@code records.1.shed}. */
  public static String records(final int worker, final String what) {
    return label("records", Integer.toString(worker), what);
  }

  /** Returns {@code journal.WHAT}, such as {@code journal.frames}. */
  public static String journal(final String what) {
    return label("journal", what);
  }

  /** Returns {@code journal.shed.REASON}, such as {@code journal.shed.disk-full}. */
  public static String journalShed(final String reason) {
    return label("journal", "shed", reason);
  }

  /** Returns {@code attachment.WHAT}, such as {@code attachment.faults}. */
  public static String attachment(final String what) {
    return label("attachment", what);
  }

  /** Returns {@code conductor.WHAT}, such as {@code conductor.longest-gap-ns}. */
  public static String conductor(final String what) {
    return label("conductor", what);
  }

  /** Returns {@code replay.NAME.WHAT}, such as {@code replay.incident.sent}. */
  public static String replay(final String replay, final String what) {
    return label("replay", replay, what);
  }

  /** Returns {@code collector.NAME.WHAT}, such as {@code collector.far.next-hop-resolved}. */
  public static String collector(final String collector, final String what) {
    return label("collector", collector, what);
  }

  /**
   * Returns the label of one worker's share of something that several workers count, such as {@code
   * rule.web.mirrored.port:shadow@1}; {@link #withoutWorker} undoes it, so that readers can add the
   * shares up.
   */
  public static String perWorker(final String label, final int worker) {
    return label + '@' + worker;
  }

  /** Returns the label without a worker's index. */
  public static String withoutWorker(final String label) {
    final int at = label.lastIndexOf('@');
    return at < 0 ? label : label.substring(0, at);
  }

  private static String label(final String... parts) {
    for (final String part : parts) {
      if (part.isEmpty() || part.chars().anyMatch(c -> c <= ' ' || c == '@' || c == 0x7f)) {
        throw new IllegalArgumentException(
            "'" + part + "' in a counter label: must not be empty or hold blanks or '@'");
      }
    }
    return String.join(".", parts);
  }
}
