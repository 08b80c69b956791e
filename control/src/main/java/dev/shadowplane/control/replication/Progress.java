package dev.shadowplane.control.replication;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.EpochNanoClock;

/**
 * How far a replica is. The thread that brings over writes it, another may ask for the status at
 * any time.
 */
final class Progress {
  private static final long MAX_LAG_NS = 3_600_000_000_000L;
  private static final int DIGITS = 2;
  private static final int MOST_REMEMBERED = 1_000;
  private static final int SHOWN = 10;
  private static final int SHOWN_CHARACTERS = 300;

  private final ReplicationConfig config;
  private final EpochNanoClock clock;
  private final Histogram lag = new Histogram(MAX_LAG_NS, DIGITS);
  private final Map<String, String> failures = new LinkedHashMap<>();
  private final Map<String, String> refusals = new LinkedHashMap<>();
  private long changes;
  private long bytes;
  private long behind;
  private long behindSinceNs;
  private long resyncs;
  private long overflows;
  private long measuredFromNs = Long.MAX_VALUE;
  private boolean caughtUp;
  private String stalled = "";
  private String version = "";
  private String barrier = "";

  Progress(final ReplicationConfig config, final EpochNanoClock clock) {
    this.config = config;
    this.clock = clock;
  }

  long now() {
    return clock.nanoTime();
  }

  /** A change is visible at the target; its lag counts if it was committed while we followed. */
  synchronized void applied(final long committedNs, final long bytesBrought) {
    changes++;
    bytes += bytesBrought;
    if (committedNs >= measuredFromNs) {
      lag.recordValue(Math.clamp(clock.nanoTime() - committedNs, 0, MAX_LAG_NS));
    }
  }

  /** A change is visible at the target of which nobody knows when it was made. */
  synchronized void applied() {
    changes++;
  }

  /** So many changes are known and not yet visible, the first of them since then. */
  synchronized void behind(final long count, final long sinceNs) {
    behind = count;
    behindSinceNs = sinceNs;
    caughtUp &= count == 0;
  }

  /** All that was committed before a moment is visible. */
  synchronized void caughtUp(final long atNs) {
    behind = 0;
    caughtUp = true;
    stalled = "";
    measuredFromNs = Math.min(measuredFromNs, atNs);
  }

  synchronized void stalled(final String reason) {
    caughtUp = false;
    stalled = shortened(reason);
  }

  synchronized void resync(final boolean overflow) {
    resyncs++;
    overflows += overflow ? 1 : 0;
    caughtUp = false;
  }

  synchronized void version(final String held) {
    version = held;
  }

  synchronized String version() {
    return version;
  }

  synchronized void reached(final String barrierReached) {
    barrier = barrierReached;
  }

  synchronized String barrier() {
    return barrier;
  }

  /** Something cannot be brought over for the time being. */
  synchronized void failed(final String what, final String why) {
    caughtUp = false;
    remember(failures, what, why);
  }

  /** Something will not be brought over unless it changes. */
  synchronized void refused(final String what, final String why) {
    remember(refusals, what, why);
  }

  /** Nothing is wrong with it any more. */
  synchronized void fine(final String what) {
    if (!failures.isEmpty()) {
      failures.remove(what);
    }
    if (!refusals.isEmpty()) {
      refusals.remove(what);
    }
  }

  /** Everything will be looked at again. */
  synchronized void forgetProblems() {
    failures.clear();
    refusals.clear();
  }

  /** What failed and is remembered, to be tried again. */
  synchronized List<String> failing() {
    return new ArrayList<>(failures.keySet());
  }

  /** Whether more may fail than is remembered. */
  synchronized boolean failsTooMuch() {
    return failures.size() >= MOST_REMEMBERED;
  }

  synchronized boolean fails() {
    return !failures.isEmpty();
  }

  synchronized ReplicationStatus status() {
    final long now = clock.nanoTime();
    final String why =
        stalled.isEmpty() && !failures.isEmpty()
            ? shown(failures).getFirst()
                + (failures.size() == 1 ? "" : ", and " + (failures.size() - 1) + " more")
            : stalled;
    return new ReplicationStatus(
        ReplicationStatus.KIND,
        config.service(),
        config.hooks() == null ? "files" : "hook",
        ReplicationConfig.word(config.mode()),
        !why.isEmpty() ? "stalled" : caughtUp ? "in-step" : "catching-up",
        why,
        now,
        version,
        changes,
        bytes,
        behind,
        behind == 0 ? 0 : Math.max(0, now - behindSinceNs),
        lag.getValueAtPercentile(50),
        lag.getValueAtPercentile(99),
        lag.getMaxValue(),
        lag.getTotalCount(),
        resyncs,
        overflows,
        shown(failures),
        failures.size(),
        shown(refusals),
        refusals.size(),
        barrier);
  }

  private static void remember(
      final Map<String, String> problems, final String what, final String why) {
    if (problems.size() < MOST_REMEMBERED || problems.containsKey(what)) {
      problems.put(what, shortened(why));
    }
  }

  private static List<String> shown(final Map<String, String> problems) {
    return problems.entrySet().stream()
        .limit(SHOWN)
        .map(problem -> shortened(problem.getKey()) + ": " + problem.getValue())
        .toList();
  }

  private static String shortened(final String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
  }
}
