package dev.shadowplane.dataplane.analytics.aggregate;

import org.jspecify.annotations.Nullable;

/**
 * The sums of one key in a window.
 *
 * @param name the key, or the first half of a pair, as people write it
 * @param peer the second half of a pair; empty for other kinds
 * @param rule the number that the rule is summed up under ({@link Aggregates#ruleKeys}), of a kind
 *     {@link AggregateKind#RULE} with one, else {@link #UNKNOWN}
 * @param atLeast what there surely was, sent and received
 * @param error how much more there may have been; 0 for keys with sums of their own throughout the
 *     window
 * @param sent what the host, a host of the subnet, the first of the pair, or else the initiators of
 *     the flows sent; what only sketches know is in neither direction
 * @param received what it received, or else the answers
 * @param flowsNow flows that go on, {@link #UNKNOWN} where {@link AggregateKind#countsFlowsNow} is
 *     false or the key has no sums of its own
 * @param distinct what there was of a network, in the latest hour at most; null for other kinds and
 *     where it is not counted
 */
public record AggregateRow(
    String name,
    String peer,
    long rule,
    Amounts atLeast,
    Amounts error,
    Traffic sent,
    Traffic received,
    long flowsNow,
    @Nullable DistinctCounts distinct) {
  /** Not known. */
  public static final long UNKNOWN = -1;

  /**
   * What is summed up.
   *
   * @param packets how many
   * @param bytes of their frames on the wire
   * @param flows that began
   */
  public record Amounts(long packets, long bytes, long flows) {}

  /**
   * One direction.
   *
   * @param packets how many
   * @param bytes of their frames on the wire
   */
  public record Traffic(long packets, long bytes) {}

  AggregateRow withFlowsNow(long flows) {
    return new AggregateRow(name, peer, rule, atLeast, error, sent, received, flows, distinct);
  }
}
