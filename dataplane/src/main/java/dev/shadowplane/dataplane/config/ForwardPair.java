package dev.shadowplane.dataplane.config;

/**
 * Two ports that forward to each other.
 *
 * @param a the name of one
 * @param b the name of the other
 */
public record ForwardPair(String a, String b) {
  @Override
  public String toString() {
    return a + "<->" + b;
  }
}
