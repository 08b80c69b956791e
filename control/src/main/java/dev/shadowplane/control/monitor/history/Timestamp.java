package dev.shadowplane.control.monitor.history;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** A time as files of measurements have it. */
final class Timestamp {
  private static final int MS_DIGITS = 12;
  private static final int US_DIGITS = 15;
  private static final int NS_DIGITS = 18;

  private Timestamp() {}

  /**
   * Reads seconds since 1970, also with decimals; milli-, micro- and nanoseconds, which their
   * number of digits tells; and ISO 8601, which is UTC where no offset is given.
   *
   * @return seconds since 1970, rounded down.
   * @throws IllegalArgumentException if it is none.
   */
  static long seconds(final String text) {
    if (text.matches("[0-9]{1,19}(?:\\.[0-9]{1,9})?")) {
      final String whole = text.replaceFirst("\\..*", "");
      final int divisor =
          whole.length() >= NS_DIGITS
              ? 1_000_000_000
              : whole.length() >= US_DIGITS ? 1_000_000 : whole.length() >= MS_DIGITS ? 1_000 : 1;
      return Long.parseLong(whole) / divisor;
    }
    try {
      final String iso = text.replaceFirst("^([0-9-]{10})[ ]", "$1T");
      if (iso.length() == 10) {
        return LocalDate.parse(iso).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
      }
      return iso.matches(".*T.*(?:Z|[+-][0-9]{2}:?[0-9]{2})")
          ? OffsetDateTime.parse(iso.replaceFirst("([+-][0-9]{2})([0-9]{2})$", "$1:$2"))
              .toEpochSecond()
          : LocalDateTime.parse(iso).toEpochSecond(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'" + shown(text) + "' is no time: write 2026-11-20T10:00:00Z, or seconds since 1970", e);
    }
  }

  /** The beginning of a text. */
  static String shown(final String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}
