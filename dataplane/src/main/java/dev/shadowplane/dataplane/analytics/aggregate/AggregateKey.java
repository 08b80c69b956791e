package dev.shadowplane.dataplane.analytics.aggregate;

/**
 * A key of any kind in four words, with its hash. An object that sketches keep is never written to;
 * the one that is looked up with is written again and again.
 */
final class AggregateKey {
  long first;
  long second;
  long third;
  long fourth;
  long hash;

  AggregateKey set(long first, long second, long third, long fourth, long hash) {
    this.first = first;
    this.second = second;
    this.third = third;
    this.fourth = fourth;
    this.hash = hash;
    return this;
  }

  AggregateKey copy() {
    return new AggregateKey().set(first, second, third, fourth, hash);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AggregateKey key
        && key.first == first
        && key.second == second
        && key.third == third
        && key.fourth == fourth;
  }

  @Override
  public int hashCode() {
    return (int) hash;
  }
}
