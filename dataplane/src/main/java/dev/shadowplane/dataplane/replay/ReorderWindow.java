package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;

/**
 * Holds frames back until it is clear, within bounds, that none before them follows: a heap by time
 * over slots of fixed size. Frames of the same time stay in the order in which they came. One
 * thread; allocates nothing after it was made.
 */
final class ReorderWindow implements AutoCloseable {
  /** The longest frame that it takes. */
  static final int MAX_FRAME_BYTES = 65_535;

  private static final int SMALL_BYTES = 2_304;
  private static final int LARGE_BYTES = 1 << 16;
  private static final int LARGE_SLOTS = 32;

  private final Arena arena = Arena.ofShared();
  private final int frames;
  private final long spanNs;
  private final long small;
  private final long large;

  /** Free slots, as stacks. Large ones have the numbers behind those of the small. */
  private final int[] freeSmall;

  private final int[] freeLarge;
  private int smallLeft;
  private int largeLeft;

  private final int[] length;
  private final long[] time;
  private final long[] sequence;

  /** Slots, the earliest first. */
  private final int[] heap;

  private int size;
  private long nextSequence;
  private long newestNs = Long.MIN_VALUE;
  private int taken = -1;

  /**
   * An empty window.
   *
   * @param frames how many it holds back at most
   * @param spanNs how much earlier than the newest a frame that is held back is at most
   */
  ReorderWindow(int frames, long spanNs) {
    this.frames = frames;
    this.spanNs = spanNs;
    // One comes in before another goes out, and one is looked at from outside.
    final int slots = frames + 2;
    final int largeSlots = Math.min(slots, LARGE_SLOTS);
    small = NativeMemory.allocate(arena, (long) slots * SMALL_BYTES, 64);
    large = NativeMemory.allocate(arena, (long) largeSlots * LARGE_BYTES, 64);
    freeSmall = new int[slots];
    freeLarge = new int[largeSlots];
    for (int i = 0; i < slots; i++) {
      freeSmall[smallLeft++] = i;
    }
    for (int i = 0; i < largeSlots; i++) {
      freeLarge[largeLeft++] = slots + i;
    }
    length = new int[slots + largeSlots];
    time = new long[slots + largeSlots];
    sequence = new long[slots + largeSlots];
    heap = new int[slots + largeSlots];
  }

  /** Whether a frame finds a place; if not, take one out first. */
  boolean hasRoom(int lengthBytes) {
    return size <= frames && (lengthBytes <= SMALL_BYTES ? smallLeft : largeLeft) > 0;
  }

  /** Copies a frame in, for which there is room. */
  void add(long timestampNs, long frame, int lengthBytes) {
    final int slot = lengthBytes <= SMALL_BYTES ? freeSmall[--smallLeft] : freeLarge[--largeLeft];
    NativeMemory.copy(frame, address(slot), lengthBytes);
    length[slot] = lengthBytes;
    time[slot] = timestampNs;
    sequence[slot] = nextSequence++;
    newestNs = Math.max(newestNs, timestampNs);
    int at = size++;
    while (at > 0 && isBefore(slot, heap[(at - 1) / 2])) {
      heap[at] = heap[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    heap[at] = slot;
  }

  /** Whether the earliest frame need not wait for others any more. */
  boolean isDue() {
    return size > frames || (size > 0 && newestNs - spanNs > time[heap[0]] && isSane());
  }

  /** Whether the bound above did not overflow. */
  private boolean isSane() {
    return newestNs >= Long.MIN_VALUE + spanNs;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Takes the earliest frame out; its accessors are valid until the next call of this. */
  void take() {
    release();
    taken = heap[0];
    final int last = heap[--size];
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
        child++;
      }
      if (!isBefore(heap[child], last)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
  }

  private void release() {
    if (taken >= 0) {
      if (taken < freeSmall.length) {
        freeSmall[smallLeft++] = taken;
      } else {
        freeLarge[largeLeft++] = taken;
      }
      taken = -1;
    }
  }

  private boolean isBefore(int a, int b) {
    return time[a] < time[b] || (time[a] == time[b] && sequence[a] < sequence[b]);
  }

  private long address(int slot) {
    return slot < freeSmall.length
        ? small + (long) slot * SMALL_BYTES
        : large + (long) (slot - freeSmall.length) * LARGE_BYTES;
  }

  long timestampNs() {
    return time[taken];
  }

  long frameAddress() {
    return address(taken);
  }

  int lengthBytes() {
    return length[taken];
  }

  /** Forgets every frame. */
  void clear() {
    while (size > 0) {
      take();
    }
    release();
    newestNs = Long.MIN_VALUE;
  }

  @Override
  public void close() {
    arena.close();
  }
}
