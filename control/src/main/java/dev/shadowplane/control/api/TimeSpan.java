package dev.shadowplane.control.api;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A length of time as people write it: 500ms, 15s, 90m, 12h or 7d. */
public final class TimeSpan {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,15})(ms|s|m|h|d)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "ms", TimeUnit.MILLISECONDS.toNanos(1),
          "s", TimeUnit.SECONDS.toNanos(1),
          "m", TimeUnit.MINUTES.toNanos(1),
          "h", TimeUnit.HOURS.toNanos(1),
          "d", TimeUnit.DAYS.toNanos(1));

  private TimeSpan() {}

  /**
   * Reads one.
   *
   * @param text a number and a unit.
   * @return nanoseconds, more than 0.
   * @throws IllegalArgumentException if it is none; the message is what is to be written instead.
   */
  public static long ofText(final String text) {
    final Matcher span = FORM.matcher(text);
    if (!span.matches() || Long.parseLong(span.group(1)) == 0) {
      throw new IllegalArgumentException("is no length of time: write 500ms, 15s, 90m, 12h or 7d");
    }
    try {
      return Math.multiplyExact(
          Long.parseLong(span.group(1)), UNITS.getOrDefault(span.group(2), 1L));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("is more than 292 years: write 7d, for example", e);
    }
  }
}
