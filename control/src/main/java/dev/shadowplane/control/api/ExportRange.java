package dev.shadowplane.control.api;

/**
 * The time range of an export, in nanoseconds since 1970-01-01 UTC.
 *
 * @param fromNs the first nanosecond.
 * @param toNs the first nanosecond after it; 0 stands for no end.
 */
public record ExportRange(long fromNs, long toNs) {
  /** Refuses a range without a nanosecond in it. */
  public ExportRange {
    toNs = toNs == 0 ? Long.MAX_VALUE : toNs;
    if (fromNs < 0 || fromNs >= toNs) {
      throw new IllegalArgumentException(
          "the range from "
              + fromNs
              + " ns to "
              + toNs
              + " ns is empty: let it end after it begins");
    }
  }
}
