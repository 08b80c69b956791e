package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.putLong;

import dev.shadowplane.dpdk.ReservedMemory;
import java.util.Arrays;
import org.agrona.UnsafeApi;

/**
 * From flow hashes to entry numbers, off-heap: extendible hashing over segments of {@link
 * #SEGMENT_SLOTS} slots with linear probing inside each.
 *
 * <p>It grows a segment at a time, a bounded piece of work whatever its size: nothing is ever
 * rehashed as a whole. Memory for the largest size is reserved at once and touched as segments are
 * taken. A slot is {@code hash << 32 | entry + 1}, 0 when free; deleting shifts back, so there are
 * no tombstones. Used by one thread.
 */
final class FlowIndex {
  /** Slots in a segment. */
  static final int SEGMENT_SLOTS = 1024;

  private static final int SLOT_MASK = SEGMENT_SLOTS - 1;
  private static final int SEGMENT_BYTES = SEGMENT_SLOTS * Long.BYTES;
  private static final int SEGMENT_FULL = SEGMENT_SLOTS * 3 / 4;
  private static final int MAX_DEPTH = 20;
  private static final int PROBED_TOGETHER = 4;

  /** From the first slot to the last one of those that are compared together, in bytes. */
  static final int LAST_TOGETHER = (PROBED_TOGETHER - 1) * Long.BYTES;

  private final ReservedMemory reserved;
  private final long memory;
  private final int maxSegments;
  private final byte[] segmentDepth;
  private final short[] segmentLoad;
  private final long[] splitSlots = new long[SEGMENT_SLOTS];
  private int[] directory = {0};
  private int depth;
  private int segments = 1;

  FlowIndex(int capacity) {
    final int needed = (capacity + SEGMENT_FULL - 1) / SEGMENT_FULL;
    maxSegments = 4 * Integer.highestOneBit(needed);
    segmentDepth = new byte[maxSegments];
    segmentLoad = new short[maxSegments];
    reserved = new ReservedMemory((long) maxSegments * SEGMENT_BYTES + LAST_TOGETHER);
    memory = reserved.address();
  }

  /** Frees the memory; every later use fails. */
  void close() {
    directory = new int[0];
    reserved.close();
  }

  /**
   * The segment that a hash belongs to.
   *
   * @param hash 32 well-mixed bits
   * @return the address to pass to {@link #slot}
   */
  long segment(int hash) {
    return memory + (long) directory[bucket(hash)] * SEGMENT_BYTES;
  }

  /**
   * Reads a slot. A probe begins at slot {@code hash} and goes up until it reads 0.
   *
   * @param segment from {@link #segment}
   * @param slot any number; its low bits count
   * @return {@code hash << 32 | entry + 1}, or 0
   */
  static long slot(long segment, int slot) {
    return getLong(segment + (long) (slot & SLOT_MASK) * Long.BYTES);
  }

  /**
   * Where {@link #candidate} begins to read; mostly it ends {@link #LAST_TOGETHER} bytes further.
   *
   * @param hash 32 well-mixed bits
   * @return the address of a slot
   */
  long firstSlot(int hash) {
    return segment(hash) + (long) (hash & SLOT_MASK) * Long.BYTES;
  }

  /**
   * An entry with a hash. The first few slots are compared without branches: which of them it is
   * cannot be predicted, and a wrong guess costs more than the comparisons.
   *
   * @param hash 32 well-mixed bits
   * @return the number of one of those with this hash, 0 when there is none
   */
  int candidate(int hash) {
    final long segment = segment(hash);
    final long wanted = (long) hash << Integer.SIZE;
    final long first = ifEqual(slot(segment, hash), wanted);
    final long second = ifEqual(slot(segment, hash + 1), wanted);
    final long third = ifEqual(slot(segment, hash + 2), wanted);
    final long fourth = ifEqual(slot(segment, hash + 3), wanted);
    final int found = (int) Math.max(Math.max(first, second), Math.max(third, fourth));
    return found != 0 ? found - 1 : candidateBehind(segment, hash);
  }

  private static int candidateBehind(long segment, int hash) {
    int slot = hash + PROBED_TOGETHER;
    for (long value = slot(segment, slot); value != 0; value = slot(segment, ++slot)) {
      if ((int) (value >>> Integer.SIZE) == hash) {
        return (int) value - 1;
      }
    }
    return 0;
  }

  /** What a slot holds below its hash when that is the wanted one, else 0. */
  private static long ifEqual(long value, long wanted) {
    final long differs = (value ^ wanted) >>> Integer.SIZE;
    return value & 0xffff_ffffL & ((differs - 1) >> (Long.SIZE - 1));
  }

  /**
   * Adds an entry, splitting its segment when that is full.
   *
   * @param hash its hash
   * @param entry its number, not in the index yet
   * @return false when the segment is full and cannot be split: remove one that {@link #crowding}
   *     names first
   */
  boolean add(int hash, int entry) {
    int number = directory[bucket(hash)];
    while (segmentLoad[number] >= SEGMENT_FULL) {
      if (segmentDepth[number] == MAX_DEPTH || segments == maxSegments) {
        return false;
      }
      split(number, hash);
      number = directory[bucket(hash)];
    }
    place(number, (long) hash << 32 | (entry + 1));
    return true;
  }

  /**
   * The entry in the given place among those that fill the segment of a hash.
   *
   * @param hash one that {@link #add} refused
   * @param from slot to look from
   * @return the number of the first occupied slot from there on
   */
  int crowding(int hash, int from) {
    final long segment = segment(hash);
    int slot = from;
    while (slot(segment, slot) == 0) {
      slot++;
    }
    return slot;
  }

  /**
   * Removes an entry that is in the index.
   *
   * @param hash the hash it was added with
   * @param entry its number
   */
  void remove(int hash, int entry) {
    final int number = directory[bucket(hash)];
    final long segment = memory + (long) number * SEGMENT_BYTES;
    final long wanted = (long) hash << 32 | (entry + 1);
    int hole = hash & SLOT_MASK;
    for (long found = slot(segment, hole); found != wanted; found = slot(segment, hole)) {
      if (found == 0) {
        throw new IllegalStateException("flow entry " + entry + " is not in the index");
      }
      hole = hole + 1 & SLOT_MASK;
    }
    int next = hole + 1 & SLOT_MASK;
    for (long moved = slot(segment, next); moved != 0; moved = slot(segment, next)) {
      final int home = (int) (moved >>> 32) & SLOT_MASK;
      if ((next - home & SLOT_MASK) >= (next - hole & SLOT_MASK)) {
        putLong(segment + (long) hole * Long.BYTES, moved);
        hole = next;
      }
      next = next + 1 & SLOT_MASK;
    }
    putLong(segment + (long) hole * Long.BYTES, 0);
    segmentLoad[number]--;
  }

  private int bucket(int hash) {
    return (int) ((hash & 0xffff_ffffL) >>> (32 - depth));
  }

  private void split(int number, int hash) {
    final int localDepth = segmentDepth[number];
    if (localDepth == depth) {
      final int[] doubled = new int[directory.length * 2];
      for (int i = 0; i < doubled.length; i++) {
        doubled[i] = directory[i >>> 1];
      }
      directory = doubled;
      depth++;
    }
    final int sibling = segments++;
    segmentDepth[number]++;
    segmentDepth[sibling] = segmentDepth[number];
    final int shared = 1 << (depth - localDepth);
    final int first = bucket(hash) & -shared;
    Arrays.fill(directory, first + shared / 2, first + shared, sibling);
    final long segment = memory + (long) number * SEGMENT_BYTES;
    for (int i = 0; i < SEGMENT_SLOTS; i++) {
      splitSlots[i] = slot(segment, i);
    }
    clear(number);
    clear(sibling);
    for (int i = 0; i < SEGMENT_SLOTS; i++) {
      if (splitSlots[i] != 0) {
        place(directory[bucket((int) (splitSlots[i] >>> 32))], splitSlots[i]);
      }
    }
  }

  private void place(int number, long value) {
    final long segment = memory + (long) number * SEGMENT_BYTES;
    int slot = (int) (value >>> 32) & SLOT_MASK;
    while (slot(segment, slot) != 0) {
      slot = slot + 1 & SLOT_MASK;
    }
    putLong(segment + (long) slot * Long.BYTES, value);
    segmentLoad[number]++;
  }

  private void clear(int number) {
    UnsafeApi.setMemory(memory + (long) number * SEGMENT_BYTES, SEGMENT_BYTES, (byte) 0);
    segmentLoad[number] = 0;
  }
}
