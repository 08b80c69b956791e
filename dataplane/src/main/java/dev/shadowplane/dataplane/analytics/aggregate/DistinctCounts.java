package dev.shadowplane.dataplane.analytics.aggregate;

import java.util.Collection;
import java.util.function.Function;
import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.HllUnion;

/**
 * How many different ones there were.
 *
 * @param sources addresses that began flows
 * @param destinations addresses to which they were begun
 * @param ports ports of servers, with their protocols
 * @param pairs pairs of addresses that talked
 */
public record DistinctCounts(
    Estimate sources, Estimate destinations, Estimate ports, Estimate pairs) {
  /**
   * A number of different things.
   *
   * @param count about how many
   * @param atLeast with a probability of 95 % at least so many
   * @param atMost and at most so many
   */
  public record Estimate(long count, long atLeast, long atMost) {}

  /** Unites the sketches of some minutes. */
  static DistinctCounts of(Collection<DistinctSketches> minutes) {
    return new DistinctCounts(
        unite(minutes, DistinctSketches::sources),
        unite(minutes, DistinctSketches::destinations),
        unite(minutes, DistinctSketches::ports),
        unite(minutes, DistinctSketches::pairs));
  }

  private static Estimate unite(
      Collection<DistinctSketches> minutes, Function<DistinctSketches, HllSketch> what) {
    final HllUnion union = new HllUnion(DistinctSketches.LG_SLOTS);
    minutes.forEach(minute -> union.update(what.apply(minute)));
    return new Estimate(
        Math.round(union.getEstimate()),
        (long) Math.floor(union.getLowerBound(2)),
        (long) Math.ceil(union.getUpperBound(2)));
  }
}
