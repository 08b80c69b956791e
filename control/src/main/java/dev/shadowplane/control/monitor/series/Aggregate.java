package dev.shadowplane.control.monitor.series;

/** The measurements of a time, summed up; empty until one is added. Reused, for one thread. */
public final class Aggregate {
  double min;
  double max;
  double sum;
  double last;
  int count;

  /** Forgets everything. */
  public void clear() {
    count = 0;
    sum = 0;
  }

  /** Adds one measurement, later than those before. */
  public void add(final double value) {
    min = count == 0 ? value : Math.min(min, value);
    max = count == 0 ? value : Math.max(max, value);
    sum += value;
    last = value;
    count++;
  }

  /** Adds those of a later time. */
  public void add(final Aggregate later) {
    if (later.count == 0) {
      return;
    }
    min = count == 0 ? later.min : Math.min(min, later.min);
    max = count == 0 ? later.max : Math.max(max, later.max);
    sum += later.sum;
    last = later.last;
    count += later.count;
  }

  /** Whether nothing was measured. */
  public boolean isEmpty() {
    return count == 0;
  }

  Point point(final long second, final int stepSeconds) {
    return new Point(second, stepSeconds, min, max, sum, last, count);
  }
}
