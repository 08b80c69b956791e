package dev.shadowplane.control.monitor.series;

import java.util.function.IntConsumer;

/** The points of all series in a time: one file. For one thread at a time. */
sealed interface Segment extends AutoCloseable permits RawSegment, SealedSegment {
  /** Where it begins, in seconds since 1970. */
  long start();

  /**
   * Loads the points of a series; false, and an empty chunk, if it has none or they are damaged.
   */
  boolean load(int series, Chunk into);

  /** Visits every series that has points. */
  void forEachSeries(IntConsumer visitor);

  @Override
  void close();
}
