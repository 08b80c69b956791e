package dev.shadowplane.control.cli;

import java.time.DateTimeException;
import java.time.Instant;

/** Times as people write them on the command line. */
final class TimeArgument {
  private static final long SECOND_NS = 1_000_000_000L;

  private TimeArgument() {}

  /** Nanoseconds since 1970, of an instant or of that number itself. */
  static long nanoseconds(final String option, final String text) throws CommandFailure {
    try {
      if (text.matches("[0-9]+")) {
        return Long.parseLong(text);
      }
      final Instant instant = Instant.parse(text);
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), SECOND_NS), instant.getNano());
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw CommandFailure.input(
          option
              + " '"
              + text
              + "' is no time: write 2026-11-20T10:00:00Z, or nanoseconds since 1970 UTC");
    }
  }
}
