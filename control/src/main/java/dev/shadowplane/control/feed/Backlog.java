package dev.shadowplane.control.feed;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of all sessions wait to be driven; who reads pauses while there are too many. */
final class Backlog {
  static final long LIMIT_BYTES = 64L << 20;

  /** What an entry takes beside its bytes, about. */
  private static final int ENTRY_BYTES = 96;

  private final AtomicLong bytes = new AtomicLong();

  void add(final int count) {
    bytes.addAndGet(count + ENTRY_BYTES);
  }

  void remove(final int count) {
    bytes.addAndGet(-count - ENTRY_BYTES);
  }

  boolean isFull() {
    return bytes.get() >= LIMIT_BYTES;
  }

  long bytes() {
    return bytes.get();
  }
}
