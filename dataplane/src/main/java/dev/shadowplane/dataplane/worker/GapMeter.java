package dev.shadowplane.dataplane.worker;

import org.agrona.concurrent.status.AtomicCounter;

/**
 * The longest time between two looks at the clock, and how many took over a millisecond. The
 * worker's thread.
 */
final class GapMeter {
  private static final long MILLISECOND_NS = 1_000_000;

  private final AtomicCounter longestNs;
  private final AtomicCounter overMillisecond;
  private long lastNs = System.nanoTime();
  private long longest;
  private long count;

  GapMeter(AtomicCounter longestNs, AtomicCounter overMillisecond) {
    this.longestNs = longestNs;
    this.overMillisecond = overMillisecond;
  }

  /** Without branches: one that was rarely taken would have to be compiled again when it is. */
  void look() {
    final long nowNs = System.nanoTime();
    final long gapNs = nowNs - lastNs;
    lastNs = nowNs;
    longest = Math.max(longest, gapNs);
    count += (MILLISECOND_NS - gapNs) >>> (Long.SIZE - 1);
    longestNs.setRelease(longest);
    overMillisecond.setRelease(count);
  }
}
