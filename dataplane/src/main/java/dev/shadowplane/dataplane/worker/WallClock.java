package dev.shadowplane.dataplane.worker;

import java.time.Instant;

/**
 * Nanoseconds since the epoch from the monotonic clock: cheap to read, without allocation, and
 * never backwards for one reader. The conductor anchors it to real time again now and then; workers
 * read.
 */
public final class WallClock {
  private static final long STEP_LIMIT_NS = 1_000_000_000;
  private static final long SLEW_SHARE = 8;

  private volatile long offsetNs = measure();

  /** Anchored to now. */
  public WallClock() {}

  /**
   * The wall time that a reading of {@link System#nanoTime()} stands for.
   *
   * @param nanoTime the reading
   * @return nanoseconds since the epoch
   */
  public long epochNs(long nanoTime) {
    return nanoTime + offsetNs;
  }

  /**
   * Follows real time: small differences by a share at a time, a step of the system's clock at
   * once. Allocates.
   */
  public void calibrate() {
    final long offset = offsetNs;
    final long error = measure() - offset;
    offsetNs = offset + (Math.abs(error) > STEP_LIMIT_NS ? error : error / SLEW_SHARE);
  }

  /** The offset from the tightest of several readings of both clocks. */
  private static long measure() {
    long best = Long.MAX_VALUE;
    long offset = 0;
    for (int i = 0; i < 8; i++) {
      final long before = System.nanoTime();
      final Instant now = Instant.now();
      final long after = System.nanoTime();
      if (after - before < best) {
        best = after - before;
        offset =
            now.getEpochSecond() * 1_000_000_000 + now.getNano() - (before + (after - before) / 2);
      }
    }
    return offset;
  }
}
