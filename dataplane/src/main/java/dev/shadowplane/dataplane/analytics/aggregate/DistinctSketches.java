package dev.shadowplane.dataplane.analytics.aggregate;

import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.TgtHllType;

/** HyperLogLog sketches of what there was in a minute; their standard error is 2.3 %. */
record DistinctSketches(
    HllSketch sources, HllSketch destinations, HllSketch ports, HllSketch pairs) {
  /** Binary logarithm of the slots of a sketch. */
  static final int LG_SLOTS = 11;

  static DistinctSketches empty() {
    return new DistinctSketches(sketch(), sketch(), sketch(), sketch());
  }

  /** Counts by hashes of 64 bits. */
  void count(long source, long destination, long port, long pair) {
    sources.update(source);
    destinations.update(destination);
    ports.update(port);
    pairs.update(pair);
  }

  DistinctSketches copy() {
    return new DistinctSketches(sources.copy(), destinations.copy(), ports.copy(), pairs.copy());
  }

  private static HllSketch sketch() {
    return new HllSketch(LG_SLOTS, TgtHllType.HLL_8);
  }
}
