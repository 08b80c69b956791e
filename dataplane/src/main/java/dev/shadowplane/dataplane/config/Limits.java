package dev.shadowplane.dataplane.config;

/**
 * How much a rule takes of the flows that its percentage leaves it, each condition after the one
 * before; 0 is none.
 *
 * @param firstPackets of each flow, both directions together
 * @param firstBytes of each flow: the packet that passes the limit is still taken
 * @param every one packet of so many, in the order in which a worker sees them; 1 takes all
 * @param packetsPerSecond over all workers, each of which has an equal share
 * @param bitsPerSecond of frames without check sequence, likewise
 */
public record Limits(
    long firstPackets, long firstBytes, int every, long packetsPerSecond, long bitsPerSecond) {
  /** Takes everything. */
  public static final Limits NONE = new Limits(0, 0, 1, 0, 0);

  private static final long MOST = 1_000_000_000_000L;
  private static final int MOST_EVERY = 1_000_000_000;

  /**
   * Whether only the beginning of a flow is taken.
   *
   * @return true when flows have to be remembered
   */
  public boolean countsFlows() {
    return firstPackets > 0 || firstBytes > 0;
  }

  /**
   * Whether packets are shed when there are too many in a time.
   *
   * @return true with either rate
   */
  public boolean capsRate() {
    return packetsPerSecond > 0 || bitsPerSecond > 0;
  }

  static Limits read(YamlReader rule) {
    final Limits limits =
        new Limits(
            number(rule, "first-packets"),
            number(rule, "first-bytes"),
            rule.integer("every", 1, 1, MOST_EVERY),
            number(rule, "packets-per-second"),
            number(rule, "bits-per-second"));
    return limits.equals(NONE) ? NONE : limits;
  }

  private static long number(YamlReader rule, String key) {
    return rule.optional(key, text -> YamlReader.wholeNumber(text, 1, MOST)).orElse(0L);
  }
}
