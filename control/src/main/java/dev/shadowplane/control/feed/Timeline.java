package dev.shadowplane.control.feed;

import java.util.concurrent.TimeUnit;

/**
 * When what happened in production is done again, on the clock of {@link System#nanoTime}. Live
 * sessions follow at a fixed distance; those of the past begin with the first one. Safe for many
 * threads once anchored.
 */
final class Timeline {
  private final double speed;
  private volatile boolean anchored;
  private volatile long originNs;
  private volatile long startNs;

  private Timeline(final double speed) {
    this.speed = speed;
  }

  /** Of the past: what is asked for first begins at once. */
  static Timeline ofPast(final double speed) {
    return new Timeline(speed);
  }

  /** Of the present, so much later. */
  static Timeline live(final long delayNs) {
    final Timeline timeline = new Timeline(1);
    timeline.anchor(epochNs(), System.nanoTime() + delayNs);
    return timeline;
  }

  /** Nanoseconds since the epoch. */
  static long epochNs() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  private void anchor(final long origin, final long start) {
    originNs = origin;
    startNs = start;
    anchored = true;
  }

  /** Begins, if it has not, with a time that is due at once. */
  void begin(final long timestampNs) {
    if (!anchored) {
      anchor(timestampNs, System.nanoTime());
    }
  }

  /** When a time is due. */
  long dueNs(final long timestampNs) {
    return anchored ? startNs + (long) ((timestampNs - originNs) / speed) : System.nanoTime();
  }
}
