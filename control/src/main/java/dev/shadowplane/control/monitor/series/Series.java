package dev.shadowplane.control.monitor.series;

/** A series that measurements are appended to. Belongs to its store. */
public final class Series {
  private final SeriesKey key;
  int id;
  volatile boolean forgotten;
  volatile long lastSecond = Long.MIN_VALUE;
  volatile double lastValue = Double.NaN;

  Series(final SeriesKey key, final int id) {
    this.key = key;
    this.id = id;
  }

  /** What it is called. */
  public SeriesKey key() {
    return key;
  }

  /** Whether it made room for another: nothing can be appended to it any more. */
  public boolean isForgotten() {
    return forgotten;
  }

  /** When it was last appended to, in seconds since 1970; {@code Long.MIN_VALUE} if unknown. */
  public long lastSecond() {
    return lastSecond;
  }

  /** What was appended last; not a number if unknown. */
  public double lastValue() {
    return lastValue;
  }
}
