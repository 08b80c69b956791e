package dev.shadowplane.dataplane.analytics.aggregate;

import java.util.Arrays;

/**
 * Five amounts for each of many numbered keys, by minute: the minute that lasts, the {@link
 * #MINUTES} before it, and one sum of all older ones. Memory follows the highest number used. Not
 * thread-safe.
 */
final class MinuteSums {
  /** Minutes kept apart, beside the one that lasts. */
  static final int MINUTES = 60;

  /** Packets that a host sent, or that went from the first to the second of a pair. */
  static final int SENT_PACKETS = 0;

  static final int RECEIVED_PACKETS = 1;
  static final int SENT_BYTES = 2;
  static final int RECEIVED_BYTES = 3;

  /** Flows that began. */
  static final int FLOWS = 4;

  static final int AMOUNTS = 5;

  private static final int LEAST_ROOM = 64 * AMOUNTS;
  private static final long[] NONE = {};

  private final long[][] minutes = new long[MINUTES + 1][];
  private long[] current = new long[LEAST_ROOM];
  private long[] older = NONE;
  private int now;

  MinuteSums() {
    Arrays.fill(minutes, NONE);
    minutes[0] = current;
  }

  void add(
      int number,
      long sentPackets,
      long receivedPackets,
      long sentBytes,
      long receivedBytes,
      long flows) {
    final int at = number * AMOUNTS;
    if (at >= current.length) {
      current = Arrays.copyOf(current, roomFor(number + 1));
      minutes[now] = current;
    }
    final long[] sums = current;
    sums[at + SENT_PACKETS] += sentPackets;
    sums[at + RECEIVED_PACKETS] += receivedPackets;
    sums[at + SENT_BYTES] += sentBytes;
    sums[at + RECEIVED_BYTES] += receivedBytes;
    sums[at + FLOWS] += flows;
  }

  /** Begins the next minute. */
  void roll() {
    final int highest = current.length / AMOUNTS;
    now = now == MINUTES ? 0 : now + 1;
    final long[] oldest = minutes[now];
    if (oldest.length > older.length) {
      older = Arrays.copyOf(older, oldest.length);
    }
    addTo(older, oldest);
    if (oldest.length >= roomFor(highest)) {
      Arrays.fill(oldest, 0);
      current = oldest;
    } else {
      current = new long[roomFor(highest)];
      minutes[now] = current;
    }
  }

  /** Moves what there is of a number to two others, in every minute. */
  void move(int number, int to, int alsoTo) {
    for (long[] minute : minutes) {
      move(minute, number, to, alsoTo);
    }
    move(older, number, to, alsoTo);
  }

  /**
   * Adds one minute, with room for as many numbers as {@code sums} has.
   *
   * @param ago 0 for the minute that lasts, to {@link #MINUTES}; beyond for all older ones
   */
  void addTo(long[] sums, int ago) {
    addTo(sums, ago > MINUTES ? older : minutes[Math.floorMod(now - ago, MINUTES + 1)]);
  }

  private static void move(long[] minute, int number, int to, int alsoTo) {
    final int at = number * AMOUNTS;
    if (at < minute.length) {
      for (int amount = 0; amount < AMOUNTS; amount++) {
        minute[to * AMOUNTS + amount] += minute[at + amount];
        minute[alsoTo * AMOUNTS + amount] += minute[at + amount];
        minute[at + amount] = 0;
      }
    }
  }

  private static void addTo(long[] sums, long[] minute) {
    final int length = Math.min(sums.length, minute.length);
    for (int i = 0; i < length; i++) {
      sums[i] += minute[i];
    }
  }

  private static int roomFor(int numbers) {
    return Math.max(LEAST_ROOM, Integer.highestOneBit(2 * numbers - 1) * AMOUNTS);
  }
}
