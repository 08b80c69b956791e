package dev.shadowplane.dataplane.analytics.aggregate;

import java.util.HashSet;
import java.util.Set;
import org.apache.datasketches.frequencies.ErrorType;
import org.apache.datasketches.frequencies.FrequentItemsSketch;
import org.jspecify.annotations.Nullable;

/**
 * The heaviest of the keys that have no sums of their own, by each order: three frequent-items
 * sketches (Anderson et al., A High-Performance Algorithm for Identifying Frequent Items in Data
 * Streams, 2017). Each errs by at most {@link #ERROR} of what went into it. Allocates an object for
 * a key that is in none of the sketches, and when they grow; otherwise nothing.
 */
final class Untracked {
  /** The largest error as a share of all that was counted: 3.5 / {@link #MAP_SLOTS}. */
  static final double ERROR = 3.5 / 256;

  private static final int MAP_SLOTS = 256;

  private final FrequentItemsSketch<AggregateKey> packets = sketch();
  private final FrequentItemsSketch<AggregateKey> bytes = sketch();
  private final FrequentItemsSketch<AggregateKey> flows = sketch();

  private static FrequentItemsSketch<AggregateKey> sketch() {
    return new FrequentItemsSketch<>(MAP_SLOTS);
  }

  /** Counts; the key may be written to afterwards. */
  void count(AggregateKey key, long morePackets, long moreBytes, long moreFlows) {
    @Nullable AggregateKey kept = add(packets, key, morePackets, null);
    kept = add(bytes, key, moreBytes, kept);
    add(flows, key, moreFlows, kept);
  }

  /** A sketch keeps the object that it did not know; one that it knows it only compares. */
  private static @Nullable AggregateKey add(
      FrequentItemsSketch<AggregateKey> sketch,
      AggregateKey key,
      long amount,
      @Nullable AggregateKey kept) {
    if (amount <= 0) {
      return kept;
    }
    if (sketch.getLowerBound(key) > 0) {
      sketch.update(key, amount);
      return kept;
    }
    final AggregateKey keep = kept == null ? key.copy() : kept;
    sketch.update(keep, amount);
    return keep;
  }

  /** Whether it surely has counted a key. */
  boolean has(AggregateKey key) {
    return packets.getLowerBound(key) > 0 || bytes.getLowerBound(key) > 0;
  }

  /** Takes all that another one has counted. */
  Untracked merge(Untracked other) {
    packets.merge(other.packets);
    bytes.merge(other.bytes);
    flows.merge(other.flows);
    return this;
  }

  Untracked copy() {
    return new Untracked().merge(this);
  }

  /** Every key that may be among the heaviest by any order. */
  Set<AggregateKey> keys() {
    final Set<AggregateKey> keys = new HashSet<>();
    for (FrequentItemsSketch<AggregateKey> sketch : java.util.List.of(packets, bytes, flows)) {
      if (!sketch.isEmpty()) {
        for (var row : sketch.getFrequentItems(0, ErrorType.NO_FALSE_NEGATIVES)) {
          keys.add(row.getItem());
        }
      }
    }
    return keys;
  }

  /** What was surely counted of a key. */
  long atLeast(AggregateOrder order, AggregateKey key) {
    return of(order).getLowerBound(key);
  }

  /** How much more there may be of it, whether or not it is in the sketch. */
  long error(AggregateOrder order) {
    return of(order).getMaximumError();
  }

  private FrequentItemsSketch<AggregateKey> of(AggregateOrder order) {
    return switch (order) {
      case PACKETS -> packets;
      case BYTES -> bytes;
      case FLOWS -> flows;
    };
  }
}
