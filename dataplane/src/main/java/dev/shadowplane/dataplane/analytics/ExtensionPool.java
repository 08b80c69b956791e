package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.putInt;

import dev.shadowplane.dpdk.ReservedMemory;

/**
 * Room for {@link FlowExtension}s, by numbers from 1. Reserved at once, touched as they are taken.
 * Used by one thread.
 */
final class ExtensionPool {
  private final int capacity;
  private final ReservedMemory reserved;
  private final long base;
  private int highWater;
  private int freeHead;
  private int used;
  private long unmeasured;

  ExtensionPool(int capacity) {
    this.capacity = capacity;
    reserved = new ReservedMemory((long) capacity * FlowExtension.BYTES);
    base = reserved.address() - FlowExtension.BYTES;
  }

  /** A number, its memory as it was left; 0 when all are taken. */
  int take() {
    final int number = freeHead;
    if (number != 0) {
      freeHead = getInt(address(number) + FlowExtension.NEXT_FREE);
    } else if (highWater == capacity) {
      return 0;
    }
    used++;
    return number != 0 ? number : ++highWater;
  }

  void free(int number) {
    putInt(address(number) + FlowExtension.NEXT_FREE, freeHead);
    freeHead = number;
    used--;
  }

  /** Whether a number is one that was ever taken. */
  boolean has(int number) {
    return number > 0 && number <= highWater;
  }

  long address(int number) {
    return base + (long) number * FlowExtension.BYTES;
  }

  /** A flow has found none. */
  void countUnmeasured() {
    unmeasured++;
  }

  int used() {
    return used;
  }

  /** Flows that had full records but found no extension, so far. */
  long unmeasured() {
    return unmeasured;
  }

  void close() {
    reserved.close();
  }
}
