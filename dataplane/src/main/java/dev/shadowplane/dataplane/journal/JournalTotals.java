package dev.shadowplane.dataplane.journal;

import java.util.Map;
import java.util.TreeMap;

/** Adds up the frames of a reader by rule, port and direction, and over time in bounded memory. */
public final class JournalTotals {
  /** Intervals at most; when there are more, two become one. */
  private static final int MAX_INTERVALS = 60;

  private static final long SECOND_NS = 1_000_000_000L;

  private final Map<String, Total> rules = new TreeMap<>();
  private final Map<String, Total> ports = new TreeMap<>();
  private final Map<String, Total> directions = new TreeMap<>();
  private final TreeMap<Long, Total> intervals = new TreeMap<>();
  private long intervalNs = SECOND_NS;

  /** Frames and their captured bytes. */
  public static final class Total {
    private long frames;
    private long bytes;

    private void add(long moreFrames, long moreBytes) {
      frames += moreFrames;
      bytes += moreBytes;
    }

    /** How many frames. */
    public long frames() {
      return frames;
    }

    /** Their captured bytes. */
    public long bytes() {
      return bytes;
    }
  }

  /** Nothing yet. */
  public JournalTotals() {}

  /** Adds the current frame of a reader. */
  public void add(JournalReader reader) {
    int length = reader.capturedLengthBytes();
    String rule = reader.ruleName();
    count(rules, rule == null ? "(rule " + reader.ruleId() + ")" : rule, length);
    count(ports, port(reader), length);
    count(
        directions,
        switch (reader.direction()) {
          case 1 -> "received";
          case 2 -> "transmitted";
          default -> "unknown";
        },
        length);
    long interval = Math.floorDiv(reader.timestampNs(), intervalNs);
    intervals.computeIfAbsent(interval, unseen -> new Total()).add(1, length);
    while (intervals.size() > MAX_INTERVALS) {
      widen();
    }
  }

  private static void count(Map<String, Total> totals, String name, long length) {
    totals.computeIfAbsent(name, unseen -> new Total()).add(1, length);
  }

  private static String port(JournalReader reader) {
    JournalSession session = reader.session();
    if (session != null) {
      for (JournalPort port : session.ports()) {
        if (port.index() == reader.portIndex()) {
          return port.name();
        }
      }
    }
    return "(port " + reader.portIndex() + ")";
  }

  private void widen() {
    intervalNs *= 2;
    TreeMap<Long, Total> wider = new TreeMap<>();
    intervals.forEach((number, total) ->
        wider
            .computeIfAbsent(Math.floorDiv(number, 2L), unseen -> new Total())
            .add(total.frames, total.bytes));
    intervals.clear();
    intervals.putAll(wider);
  }

  /** By the names of rules. */
  public Map<String, Total> rules() {
    return rules;
  }

  /** By the names of ports. */
  public Map<String, Total> ports() {
    return ports;
  }

  /** By {@code received}, {@code transmitted} and {@code unknown}. */
  public Map<String, Total> directions() {
    return directions;
  }

  /** By the start of each interval with frames, nanoseconds since the epoch; at most 60. */
  public Map<Long, Total> intervals() {
    Map<Long, Total> starts = new TreeMap<>();
    intervals.forEach((number, total) -> starts.put(number * intervalNs, total));
    return starts;
  }

  /** The length of an interval. */
  public long intervalNs() {
    return intervalNs;
  }
}
