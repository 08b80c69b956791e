package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.pcap.Direction;
import java.util.List;
import java.util.Set;

/**
 * Which frames of a journal: those that fulfil every condition.
 *
 * @param fromNs the first nanosecond of the range, since the epoch
 * @param toNs the first nanosecond after it
 * @param matches selectors, all of which the frame fulfils
 * @param rules names of rules, one of which chose the frame; empty for any
 * @param ports names of ports, one of which the frame passed; empty for any
 * @param direction how it passed the port, a constant of {@link Direction}; {@link
 *     Direction#UNKNOWN} for either way
 * @param limit how many frames at most, 1 or more
 */
public record FrameSelection(
    long fromNs,
    long toNs,
    List<Match> matches,
    Set<String> rules,
    Set<String> ports,
    int direction,
    long limit) {
  /** Every frame. */
  public static final FrameSelection ALL = between(0, Long.MAX_VALUE);

  /** Refuses a range without a nanosecond in it, and copies the collections. */
  public FrameSelection {
    if (fromNs < 0 || fromNs >= toNs) {
      throw new IllegalArgumentException(
          "the range from "
              + fromNs
              + " ns to "
              + toNs
              + " ns is empty: let it end after it begins");
    }
    if (direction < Direction.UNKNOWN || direction > Direction.OUTBOUND) {
      throw new IllegalArgumentException(
          "direction " + direction + " is unknown: give inbound, outbound or neither");
    }
    if (limit < 1) {
      throw new IllegalArgumentException("a limit of " + limit + " frames: give 1 or more");
    }
    matches = List.copyOf(matches);
    rules = Set.copyOf(rules);
    ports = Set.copyOf(ports);
  }

  /**
   * Every frame of a time range.
   *
   * @param fromNs the first nanosecond of the range, since the epoch
   * @param toNs the first nanosecond after it
   * @return the selection
   */
  public static FrameSelection between(long fromNs, long toNs) {
    return new FrameSelection(
        fromNs, toNs, List.of(), Set.of(), Set.of(), Direction.UNKNOWN, Long.MAX_VALUE);
  }

  /**
   * The same conditions from another time on.
   *
   * @param from the first nanosecond of the range, since the epoch
   * @return the selection
   */
  FrameSelection from(long from) {
    return new FrameSelection(from, toNs, matches, rules, ports, direction, limit);
  }

  /** Whether a port's frames can be among them. */
  boolean wantsPort(String name) {
    return ports.isEmpty() || ports.contains(name);
  }
}
