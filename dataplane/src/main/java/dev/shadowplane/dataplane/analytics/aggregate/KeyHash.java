package dev.shadowplane.dataplane.analytics.aggregate;

import java.security.SecureRandom;

/**
 * Hashes keys under a secret of this process, so that whoever makes the traffic cannot aim keys at
 * one place of a table or a sketch. Each word is mixed in by a multiplication with a secret odd
 * number; not a MAC.
 */
final class KeyHash {
  private final long key0;
  private final long key1;
  private final long key2;

  KeyHash() {
    final SecureRandom random = new SecureRandom();
    key0 = random.nextLong();
    key1 = random.nextLong() | 1;
    key2 = random.nextLong() | 1;
  }

  long of(long first, long second) {
    final long half = (first ^ key0) * key1;
    return finish(((half ^ half >>> 32) + second) * key2);
  }

  long of(long first, long second, long third, long fourth) {
    final long half = of(first, second);
    return finish(((of(third, fourth) ^ key0) * key1 + half) * key2);
  }

  private static long finish(long mixed) {
    return mixed ^ mixed >>> 32;
  }
}
