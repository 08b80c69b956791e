package dev.shadowplane.dataplane.analytics.aggregate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sums of one kind. Up to {@link #CAPACITY} keys have exact ones; what comes of others is
 * summed up together and goes into sketches. Once that has happened, only a key that a sketch has
 * seen before gets sums of its own, so that a flood of keys seen once takes no place from those
 * that matter; places come free where a key has been silent for a minute.
 *
 * <p>Not thread-safe. Allocates as {@link Untracked} and {@link MinuteSums} do, else nothing.
 */
final class AggregateTable {
  /** Keys with exact sums. */
  static final int CAPACITY = 4_096;

  /** The number under which everything without sums of its own is summed up. */
  static final int UNTRACKED = 0;

  /** That under which those of it are that the sketches do not hold. */
  static final int MISSED = 1;

  /** Sketch updates of all tables together in a second; what exceeds them is missed. */
  static final int UPDATES_PER_SECOND = 500_000;

  private static final int FREE_PLACES = CAPACITY / 16;
  private static final int SILENT_MINUTES = 2;

  /** How many sketch updates are still allowed in this second. */
  static final class Budget {
    private int left = UPDATES_PER_SECOND;

    void renew() {
      left = UPDATES_PER_SECOND;
    }
  }

  private final boolean countsFlowsNow;
  private final Budget budget;
  private final KeyIndex index = new KeyIndex(CAPACITY);
  private final MinuteSums sums = new MinuteSums();
  private final long[] flowsNow = new long[KeyIndex.FIRST + CAPACITY];
  private final long[] lastMinute = new long[KeyIndex.FIRST + CAPACITY];
  private final long[] sinceMinute = new long[KeyIndex.FIRST + CAPACITY];
  private final @Nullable Untracked[] sketches = new Untracked[MinuteSums.MINUTES + 1];
  private @Nullable Untracked olderSketch;
  private long minute;
  private int hand = KeyIndex.FIRST;

  AggregateTable(AggregateKind kind, Budget budget) {
    this.countsFlowsNow = kind.countsFlowsNow();
    this.budget = budget;
  }

  /**
   * Counts a change of a flow.
   *
   * @param begun 1 when it has just begun, else 0
   * @param nowMore 1 when it has begun, -1 when it has ended, 0 for neither or both
   */
  void count(
      AggregateKey key,
      long sentPackets,
      long receivedPackets,
      long sentBytes,
      long receivedBytes,
      int begun,
      int nowMore) {
    int number = index.find(key);
    if (number == KeyIndex.NONE) {
      if (sentPackets + receivedPackets == 0 && begun == 0) {
        return;
      }
      number = admits(key) ? begin(key) : UNTRACKED;
      if (number == UNTRACKED) {
        countUntracked(key, sentPackets, receivedPackets, sentBytes, receivedBytes, begun);
      }
    }
    if (number != UNTRACKED) {
      lastMinute[number] = minute;
      // Those that began before their key had a number end without having been counted.
      flowsNow[number] = Math.max(0, flowsNow[number] + nowMore);
    }
    sums.add(number, sentPackets, receivedPackets, sentBytes, receivedBytes, begun);
  }

  /** Begins the next minute. */
  void roll() {
    sums.roll();
    minute++;
    final int at = slot(0);
    final Untracked oldest = sketches[at];
    if (oldest != null) {
      // Never into one that an answer may be reading.
      olderSketch = olderSketch == null ? oldest : olderSketch.copy().merge(oldest);
    }
    sketches[at] = null;
  }

  /**
   * Frees places of silent keys where there are too few.
   *
   * @param checks places to look at, at most
   * @return 0 when there is nothing to do
   */
  int makeRoom(int checks) {
    if (index.room() >= FREE_PLACES || (sketches[slot(0)] == null && sketches[slot(1)] == null)) {
      return 0;
    }
    int freed = 0;
    for (int i = 0; i < checks; i++) {
      hand = hand + 1 >= index.highWater() ? KeyIndex.FIRST : hand + 1;
      if (index.isTaken(hand)
          && minute - lastMinute[hand] >= SILENT_MINUTES
          && !(countsFlowsNow && flowsNow[hand] > 0)) {
        sums.move(hand, UNTRACKED, MISSED);
        index.remove(hand);
        freed++;
      }
    }
    return freed;
  }

  /** Begins to copy what an answer is made from. */
  Copy copy(int minutes) {
    return new Copy(minutes);
  }

  private boolean admits(AggregateKey key) {
    final Untracked current = sketches[slot(0)];
    final Untracked before = sketches[slot(1)];
    return (current == null && before == null)
        || (current != null && current.has(key))
        || (before != null && before.has(key));
  }

  private int begin(AggregateKey key) {
    final int number = index.add(key);
    if (number == KeyIndex.NONE) {
      return UNTRACKED;
    }
    flowsNow[number] = 0;
    sinceMinute[number] = minute;
    return number;
  }

  private void countUntracked(
      AggregateKey key,
      long sentPackets,
      long receivedPackets,
      long sentBytes,
      long receivedBytes,
      int begun) {
    Untracked sketch = sketches[slot(0)];
    if (sketch == null) {
      sketch = new Untracked();
      sketches[slot(0)] = sketch;
    }
    if (budget.left > 0) {
      budget.left--;
      sketch.count(key, sentPackets + receivedPackets, sentBytes + receivedBytes, begun);
    } else {
      sums.add(MISSED, sentPackets, receivedPackets, sentBytes, receivedBytes, begun);
    }
  }

  private int slot(int ago) {
    return (int) Math.floorMod(minute - ago, (long) sketches.length);
  }

  /**
   * The sums of some minutes, taken a minute at a time on the thread of the table, while it does
   * not roll and frees no place; to be read by another thread when it is complete.
   */
  final class Copy {
    private final long[] amounts = new long[index.highWater() * MinuteSums.AMOUNTS];
    private final long[] flows = Arrays.copyOf(flowsNow, index.highWater());
    private final @Nullable AggregateKey[] keys = new AggregateKey[index.highWater()];
    private final boolean[] exact = new boolean[index.highWater()];
    private final List<Untracked> untracked = new ArrayList<>();
    private final int minutes;
    private int ago;

    private Copy(int minutes) {
      this.minutes = minutes;
      final long from = minutes > MinuteSums.MINUTES ? -1 : minute - minutes;
      for (int number = KeyIndex.FIRST; number < keys.length; number++) {
        if (index.isTaken(number)) {
          keys[number] = index.key(number);
          exact[number] = sinceMinute[number] < from;
        }
      }
    }

    /** Adds one more minute; false when it is complete. */
    boolean addMinute() {
      if (ago > minutes) {
        return false;
      }
      sums.addTo(amounts, ago);
      final Untracked sketch = ago > MinuteSums.MINUTES ? olderSketch : sketches[slot(ago)];
      if (sketch != null) {
        untracked.add(ago == 0 ? sketch.copy() : sketch);
      }
      ago++;
      return true;
    }

    /** Numbers are below it. */
    int highWater() {
      return keys.length;
    }

    /** The key of a number; null where there is none. */
    @Nullable AggregateKey key(int number) {
      return keys[number];
    }

    /** A sum, of {@link MinuteSums}' amounts. */
    long amount(int number, int amount) {
      return amounts[number * MinuteSums.AMOUNTS + amount];
    }

    /** Flows of a number that go on. */
    long flowsNow(int number) {
      return flows[number];
    }

    /** Whether all that a number's key has had in these minutes is in its sums. */
    boolean isExact(int number) {
      return exact[number];
    }

    /** What the sketches of all minutes hold. */
    Untracked untracked() {
      final Untracked all = new Untracked();
      untracked.forEach(all::merge);
      return all;
    }
  }
}
