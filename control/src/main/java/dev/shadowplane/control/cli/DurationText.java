package dev.shadowplane.control.cli;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A length of time as people write it, 500ms, 15s, 90m, 12h or 7d, in nanoseconds; more than 0. */
final class DurationText implements ITypeConverter<Long> {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,15})(ms|s|m|h|d)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "ms", TimeUnit.MILLISECONDS.toNanos(1),
          "s", TimeUnit.SECONDS.toNanos(1),
          "m", TimeUnit.MINUTES.toNanos(1),
          "h", TimeUnit.HOURS.toNanos(1),
          "d", TimeUnit.DAYS.toNanos(1));

  @Override
  public Long convert(final String text) {
    final Matcher duration = DURATION.matcher(text);
    if (!duration.matches() || Long.parseLong(duration.group(1)) == 0) {
      throw new TypeConversionException(
          "'" + text + "' is no length of time: write 500ms, 15s, 90m, 12h or 7d");
    }
    try {
      return Math.multiplyExact(
          Long.parseLong(duration.group(1)), UNITS.getOrDefault(duration.group(2), 1L));
    } catch (ArithmeticException e) {
      throw new TypeConversionException("'" + text + "' is more than 292 years");
    }
  }
}
