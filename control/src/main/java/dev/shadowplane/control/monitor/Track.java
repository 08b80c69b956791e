package dev.shadowplane.control.monitor;

import dev.shadowplane.control.monitor.series.Series;
import dev.shadowplane.control.monitor.series.SeriesKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A series as its source knows it: a gauge, or a counter whose rate a second is kept. A source
 * reads it in one thread at a time; the rest is the sampler's.
 */
final class Track {
  private static final double SECOND_NS = 1e9;

  private final SeriesKey key;
  private double lastTotal = Double.NaN;
  private long lastAtNs;

  /** Where it is kept; null until it is, or while there is no room. */
  @Nullable Series series;

  /** No look for room before this second. */
  long refusedUntil = Long.MIN_VALUE;

  Track(final String name, final Map<String, String> labels) {
    this.key = SeriesKey.of(name, labels);
  }

  SeriesKey key() {
    return key;
  }

  /**
   * The rate of a counter since it was read before.
   *
   * @param total its value.
   * @param atNs when, by any clock.
   * @return how much a second; not a number at first, and after it was reset.
   */
  double rate(final double total, final long atNs) {
    final double rate =
        total >= lastTotal && atNs > lastAtNs
            ? (total - lastTotal) / (atNs - lastAtNs) * SECOND_NS
            : Double.NaN;
    if (atNs != lastAtNs || total < lastTotal || Double.isNaN(lastTotal)) {
      lastTotal = total;
      lastAtNs = atNs;
    }
    return rate;
  }
}
