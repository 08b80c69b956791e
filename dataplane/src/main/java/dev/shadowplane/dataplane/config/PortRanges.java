package dev.shadowplane.dataplane.config;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A set of transport ports.
 *
 * @param ranges each from its low to its high end, both included
 */
public record PortRanges(List<Range> ranges) {
  private static final String REMEDY = "give ports from 0 to 65535 as in 80,8000-8099";
  private static final int MAX_RANGES = 64;

  /**
   * A range of ports.
   *
   * @param low its first
   * @param high its last, at least {@code low}
   */
  public record Range(int low, int high) {}

  /** Copies the list. */
  public PortRanges {
    ranges = List.copyOf(ranges);
  }

  /**
   * Reads a set.
   *
   * @param text ports and ranges with commas between
   * @return the set
   * @throws IllegalArgumentException when it is not one
   */
  public static PortRanges of(String text) {
    final List<Range> ranges = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      final int dash = part.indexOf('-');
      try {
        final int low = Integer.parseInt((dash < 0 ? part : part.substring(0, dash)).strip());
        final int high = dash < 0 ? low : Integer.parseInt(part.substring(dash + 1).strip());
        if (low < 0 || high > 65535 || low > high) {
          throw new IllegalArgumentException(REMEDY);
        }
        ranges.add(new Range(low, high));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(REMEDY, e);
      }
    }
    if (ranges.size() > MAX_RANGES) {
      throw new IllegalArgumentException("give at most " + MAX_RANGES + " ranges");
    }
    return new PortRanges(ranges);
  }

  @Override
  public String toString() {
    return ranges.stream()
        .map(range -> range.low == range.high ? "" + range.low : range.low + "-" + range.high)
        .collect(Collectors.joining(","));
  }
}
