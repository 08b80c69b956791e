package dev.shadowplane.control.monitor.series;

/** How finely points are kept, and for how long. */
public enum Resolution {
  /** Each second for an hour. */
  SECOND(1, 600, 3_600, 8),
  /** Each minute for 14 days. */
  MINUTE(60, 240, 14 * 86_400, 40),
  /** Each hour for 13 months, which are 396 days. */
  HOUR(3_600, 168, 396 * 86_400, 40);

  private final int seconds;
  private final int rows;
  private final int retentionSeconds;
  private final int rowBytes;

  Resolution(final int seconds, final int rows, final int retentionSeconds, final int rowBytes) {
    this.seconds = seconds;
    this.rows = rows;
    this.retentionSeconds = retentionSeconds;
    this.rowBytes = rowBytes;
  }

  /** The time between two points. */
  public int seconds() {
    return seconds;
  }

  /** How long points are kept at least. */
  public int retentionSeconds() {
    return retentionSeconds;
  }

  /** The points of a series in one segment. */
  int rows() {
    return rows;
  }

  /** The time that a segment covers. */
  int segmentSeconds() {
    return seconds * rows;
  }

  /** The segments kept: those of the retention, one begun, and one that lies ahead of the clock. */
  int maxSegments() {
    return retentionSeconds / segmentSeconds() + 2;
  }

  /** The bytes of a point in a segment that is written to. */
  int rowBytes() {
    return rowBytes;
  }

  /** Where the segment begins that holds a second. */
  long segmentStart(final long second) {
    return second - Math.floorMod(second, segmentSeconds());
  }

  /** Where the point begins that holds a second. */
  long floor(final long second) {
    return second - Math.floorMod(second, seconds);
  }
}
