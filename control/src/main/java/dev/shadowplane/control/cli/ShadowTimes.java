package dev.shadowplane.control.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as people read them. */
final class ShadowTimes {
  private static final long NS_PER_S = 1_000_000_000;

  private ShadowTimes() {}

  /** A time in nanoseconds since 1970, to the millisecond, in UTC. */
  static String text(final long ns) {
    return Instant.ofEpochSecond(ns / NS_PER_S, ns % NS_PER_S)
        .truncatedTo(ChronoUnit.MILLIS)
        .toString();
  }
}
