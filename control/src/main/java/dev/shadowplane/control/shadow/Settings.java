package dev.shadowplane.control.shadow;

import java.time.Duration;

/**
 * How networks are looked after.
 *
 * @param lookEvery how long it takes at most until a change that no provisioner tells of is found.
 * @param retryAfter how long after a failed pass the next one follows; twice as long after each
 *     further failure, up to {@code lookEvery}, or to a minute if that is longer.
 * @param threads how many networks are worked on at the same time.
 */
public record Settings(Duration lookEvery, Duration retryAfter, int threads) {
  /** Where nothing else is said. */
  public static final Settings DEFAULT =
      new Settings(Duration.ofSeconds(30), Duration.ofSeconds(1), 4);
}
