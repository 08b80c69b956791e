package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.session.SessionCounts;
import dev.shadowplane.dataplane.session.Undrivable;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What the feed has met. Safe for many threads. */
final class FeedCounts {
  private final LongAdder seen = new LongAdder();
  private final LongAdder driven = new LongAdder();
  private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
  private final Map<Undrivable, LongAdder> notDriven = new EnumMap<>(Undrivable.class);
  private final Map<Undrivable, LongAdder> brokenOff = new EnumMap<>(Undrivable.class);
  private final Map<DifferenceKind, LongAdder> different = new EnumMap<>(DifferenceKind.class);
  private final LongAdder late = new LongAdder();
  private final LongAdder overload = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder compared = new LongAdder();
  private final LongAdder equal = new LongAdder();
  private final LongAdder unequal = new LongAdder();
  private final LongAdder slow = new LongAdder();
  private final LongAdder notHttp = new LongAdder();
  private final LongAdder otherAddress = new LongAdder();
  private final LongAdder damages = new LongAdder();
  private final LongAdder unreported = new LongAdder();
  private final LongAdder closeFailed = new LongAdder();
  private final LongAdder pauses = new LongAdder();
  private final LongAccumulator behindNs = new LongAccumulator(Math::max, 0);
  private final AtomicLong lastFrameNs = new AtomicLong();

  FeedCounts() {
    for (final Outcome outcome : Outcome.values()) {
      outcomes.put(outcome, new LongAdder());
    }
    for (final Undrivable reason : Undrivable.values()) {
      notDriven.put(reason, new LongAdder());
      brokenOff.put(reason, new LongAdder());
    }
    for (final DifferenceKind kind : DifferenceKind.values()) {
      different.put(kind, new LongAdder());
    }
  }

  private static <K extends Enum<K>> void count(final Map<K, LongAdder> of, final K key) {
    final LongAdder adder = of.get(key);
    if (adder != null) {
      adder.increment();
    }
  }

  void seen() {
    seen.increment();
  }

  void midstream() {
    count(notDriven, Undrivable.STARTED_MIDSTREAM);
  }

  void overload() {
    overload.increment();
  }

  /** A session that was driven when the feed ended before. */
  void lost(final long sessions) {
    lost.add(sessions);
  }

  void driven() {
    driven.increment();
  }

  void ended(final Outcome outcome, final @Nullable Undrivable reason, final boolean connected) {
    if (outcome == Outcome.LATE) {
      late.increment();
    } else if (outcome == Outcome.ABANDONED && reason != null) {
      count(connected ? brokenOff : notDriven, reason);
    } else {
      count(outcomes, outcome);
    }
  }

  void compared(final Set<DifferenceKind> kinds, final boolean isSlow) {
    compared.increment();
    if (kinds.isEmpty()) {
      equal.increment();
    } else {
      unequal.increment();
      kinds.forEach(kind -> count(different, kind));
    }
    if (isSlow) {
      slow.increment();
    }
  }

  void notHttp() {
    notHttp.increment();
  }

  void otherAddress() {
    otherAddress.increment();
  }

  void damage() {
    damages.increment();
  }

  void unreported() {
    unreported.increment();
  }

  void closeFailed() {
    closeFailed.increment();
  }

  void pause() {
    pauses.increment();
  }

  /** Something was sent so much later than it was due. */
  void behind(final long ns) {
    behindNs.accumulate(ns);
  }

  void frame(final long timestampNs) {
    lastFrameNs.lazySet(timestampNs);
  }

  long lastFrameNs() {
    return lastFrameNs.get();
  }

  /**
   * Everything by its name; the longest delay since the last call among it.
   *
   * @param active how many sessions are driven at present.
   */
  Map<String, Object> tree(final int active, final SessionCounts input) {
    final Map<String, Object> sessions = new LinkedHashMap<>();
    sessions.put("seen", seen.sum());
    sessions.put("driven", driven.sum());
    sessions.put("active", active);
    sessions.put("finished", sum(outcomes, Outcome.FINISHED));
    final Map<String, Object> failed = new LinkedHashMap<>();
    for (final Outcome outcome :
        new Outcome[] {Outcome.CONNECT, Outcome.CLOSED, Outcome.UNANSWERED, Outcome.INTERRUPTED}) {
      failed.put(outcome.label(), sum(outcomes, outcome));
    }
    failed.put("lost", lost.sum());
    sessions.put("failed", failed);
    final Map<String, Object> reasons = new LinkedHashMap<>();
    notDriven.forEach((reason, count) -> reasons.put(reason.label(), count.sum()));
    reasons.put("late", late.sum());
    reasons.put("overload", overload.sum());
    sessions.put("not_driven", reasons);
    final Map<String, Object> broken = new LinkedHashMap<>();
    brokenOff.forEach((reason, count) -> broken.put(reason.label(), count.sum()));
    sessions.put("broken_off", broken);
    final Map<String, Object> kinds = new LinkedHashMap<>();
    different.forEach((kind, count) -> kinds.put(kind.label(), count.sum()));
    final Map<String, Object> requests = new LinkedHashMap<>();
    requests.put("compared", compared.sum());
    requests.put("equal", equal.sum());
    requests.put("different", unequal.sum());
    requests.put("by_kind", kinds);
    requests.put("slow", slow.sum());
    final Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("sessions", sessions);
    tree.put("requests", requests);
    tree.put("not_http", notHttp.sum());
    tree.put("other_client_address", otherAddress.sum());
    tree.put("behind_ms", behindNs.getThenReset() / 1e6);
    tree.put("frames", input.frames());
    tree.put("other_frames", input.otherFrames());
    tree.put("malformed_frames", input.malformedFrames());
    tree.put("broken_datagrams", input.brokenDatagrams());
    tree.put("retransmitted_bytes", input.retransmittedBytes());
    tree.put("journal_damages", damages.sum());
    tree.put("unreported_differences", unreported.sum());
    tree.put("close_failures", closeFailed.sum());
    tree.put("pauses", pauses.sum());
    return tree;
  }

  private static <K extends Enum<K>> long sum(final Map<K, LongAdder> of, final K key) {
    final LongAdder adder = of.get(key);
    return adder == null ? 0 : adder.sum();
  }
}
