package dev.shadowplane.dataplane.analytics.aggregate;

/**
 * Numbers for keys: dense, from {@link #FIRST} on, at most a given number at a time; the numbers of
 * keys that were removed are given again. Linear probing in a table that is never more than half
 * full. Not thread-safe; allocates nothing after construction.
 */
final class KeyIndex {
  /** The first number given. */
  static final int FIRST = 2;

  /** No such key. */
  static final int NONE = -1;

  static final int WORDS = 4;

  private final int end;
  private final int mask;
  private final int[] slots;
  private final long[] keys;
  private final long[] hashes;
  private final boolean[] taken;
  private final int[] free;
  private int freeCount;
  private int highWater = FIRST;

  /**
   * An empty index.
   *
   * @param capacity the most keys
   */
  KeyIndex(int capacity) {
    end = FIRST + capacity;
    slots = new int[Integer.highestOneBit(Math.max(2, 4 * capacity - 1))];
    mask = slots.length - 1;
    keys = new long[WORDS * end];
    hashes = new long[end];
    taken = new boolean[end];
    free = new int[capacity];
  }

  /** The number of a key, or {@link #NONE}. */
  int find(AggregateKey key) {
    for (int slot = (int) key.hash & mask; slots[slot] != 0; slot = slot + 1 & mask) {
      final int number = slots[slot];
      if (hashes[number] == key.hash && holds(number, key)) {
        return number;
      }
    }
    return NONE;
  }

  /** Gives a key that it does not hold a number; {@link #NONE} when it is full. */
  int add(AggregateKey key) {
    final int number;
    if (freeCount > 0) {
      number = free[--freeCount];
    } else if (highWater < end) {
      number = highWater++;
    } else {
      return NONE;
    }
    final int at = WORDS * number;
    keys[at] = key.first;
    keys[at + 1] = key.second;
    keys[at + 2] = key.third;
    keys[at + 3] = key.fourth;
    hashes[number] = key.hash;
    taken[number] = true;
    int slot = (int) key.hash & mask;
    while (slots[slot] != 0) {
      slot = slot + 1 & mask;
    }
    slots[slot] = number;
    return number;
  }

  /** Removes the key of a number. */
  void remove(int number) {
    int hole = (int) hashes[number] & mask;
    while (slots[hole] != number) {
      hole = hole + 1 & mask;
    }
    // Those behind move up where the hole would cut them off from where their search begins.
    for (int slot = hole + 1 & mask; slots[slot] != 0; slot = slot + 1 & mask) {
      final int home = (int) hashes[slots[slot]] & mask;
      if ((slot - home & mask) >= (slot - hole & mask)) {
        slots[hole] = slots[slot];
        hole = slot;
      }
    }
    slots[hole] = 0;
    taken[number] = false;
    free[freeCount++] = number;
  }

  boolean isTaken(int number) {
    return taken[number];
  }

  /** Numbers that can still be given. */
  int room() {
    return freeCount + end - highWater;
  }

  /** Above every number given so far. */
  int highWater() {
    return highWater;
  }

  /** The key of a number. */
  AggregateKey key(int number) {
    final int at = WORDS * number;
    return new AggregateKey()
        .set(keys[at], keys[at + 1], keys[at + 2], keys[at + 3], hashes[number]);
  }

  private boolean holds(int number, AggregateKey key) {
    final int at = WORDS * number;
    return keys[at] == key.first
        && keys[at + 1] == key.second
        && keys[at + 2] == key.third
        && keys[at + 3] == key.fourth;
  }
}
