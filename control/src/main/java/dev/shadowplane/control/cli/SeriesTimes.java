package dev.shadowplane.control.cli;

/** Times of series, which are whole seconds. */
final class SeriesTimes {
  private static final long SECOND_NS = 1_000_000_000L;

  private SeriesTimes() {}

  /** Seconds since 1970. */
  static long second(final String option, final String text) throws CommandFailure {
    return TimeArgument.nanoseconds(option, text) / SECOND_NS;
  }

  /** A length of time in seconds. */
  static long wholeSeconds(final String option, final long ns) throws CommandFailure {
    if (ns % SECOND_NS != 0) {
      throw CommandFailure.input(option + " takes whole seconds: write 1s, 5m or 1h");
    }
    return ns / SECOND_NS;
  }
}
