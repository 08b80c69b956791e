package dev.shadowplane.control.monitor.series;

import java.time.Instant;

/**
 * One measurement of history.
 *
 * @param second when, in seconds since 1970.
 * @param value what; finite.
 */
public record Sample(long second, double value) {
  private static final int DAY_SECONDS = 86_400;

  /** Refuses what a store does not keep. */
  void check(final SeriesKey key, final long now) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          key + " at " + Instant.ofEpochSecond(second) + " is " + value);
    }
    if (second < now - Resolution.HOUR.retentionSeconds() || second > now + DAY_SECONDS) {
      throw new IllegalArgumentException(
          key
              + " has a point at "
              + Instant.ofEpochSecond(second)
              + ": points are kept for 13 months, and none of the future are taken; move them with"
              + " --end");
    }
  }
}
