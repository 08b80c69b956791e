package dev.shadowplane.control.monitor.series;

/**
 * What was measured in a time. There is no point for a time in which nothing was measured.
 *
 * @param second where the time begins, in seconds since 1970.
 * @param stepSeconds how long it is.
 * @param min the least.
 * @param max the most.
 * @param sum of all.
 * @param last the latest.
 * @param count how many; at least 1.
 */
public record Point(
    long second, int stepSeconds, double min, double max, double sum, double last, int count) {
  /** Their arithmetic mean. */
  public double mean() {
    return Math.clamp(sum / count, min, max);
  }
}
