package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.config.Anonymisation;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What is exported and how.
 *
 * @param frames which frames
 * @param format of the files
 * @param splitBytes a file ends before the frame with which it would be longer, the counters at its
 *     end apart; {@link #UNSPLIT}, or {@link #MIN_SPLIT_BYTES} and more
 * @param splitNs a file holds a period of this length, counted from the epoch; {@link #UNSPLIT}, or
 *     {@link #MIN_SPLIT_NS} and more
 * @param comments whether each frame of pcapng is told its rule and flow hash
 * @param follow whether the export waits for frames to come until it is cancelled or the range
 *     ends; from the present on when the range begins at 0
 * @param anonymisation what is done about each frame, if anything; selectors are asked before
 */
public record ExportOptions(
    FrameSelection frames,
    ExportFormat format,
    long splitBytes,
    long splitNs,
    boolean comments,
    boolean follow,
    Optional<Anonymisation> anonymisation) {
  /** All in one file. */
  public static final long UNSPLIT = 0;

  /** The smallest size to split by. */
  public static final long MIN_SPLIT_BYTES = 64 << 10;

  /** The shortest period to split by. */
  public static final long MIN_SPLIT_NS = TimeUnit.SECONDS.toNanos(1);

  /** Checks the ranges. */
  public ExportOptions {
    if (splitBytes != UNSPLIT && splitBytes < MIN_SPLIT_BYTES) {
      throw new IllegalArgumentException(
          "files of " + splitBytes + " bytes are too small: give at least " + MIN_SPLIT_BYTES);
    }
    if (splitNs != UNSPLIT && splitNs < MIN_SPLIT_NS) {
      throw new IllegalArgumentException(
          "files of " + splitNs + " ns are too short: give at least " + MIN_SPLIT_NS + " (1 s)");
    }
  }

  /**
   * One pcapng file with comments.
   *
   * @param frames which frames
   * @return the options
   */
  public static ExportOptions pcapng(FrameSelection frames) {
    return new ExportOptions(
        frames, ExportFormat.PCAPNG, UNSPLIT, UNSPLIT, true, false, Optional.empty());
  }

  /**
   * The same from another time on.
   *
   * @param fromNs the first nanosecond of the range, since the epoch
   * @return the options
   */
  ExportOptions from(long fromNs) {
    return new ExportOptions(
        frames.from(fromNs), format, splitBytes, splitNs, comments, follow, anonymisation);
  }

  /**
   * Whether there may be several files.
   *
   * @return true when they are split by size or by time
   */
  public boolean isSplit() {
    return splitBytes != UNSPLIT || splitNs != UNSPLIT;
  }
}
