package dev.shadowplane.control.template;

import java.math.BigDecimal;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as people write them in templates. */
final class Quantity {
  private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,6})?)([KMGT]?)");
  private static final Pattern TIME = Pattern.compile("([0-9]{1,12})(ms|s|m|h)");
  private static final String UNITS = "KMGT";
  private static final Map<String, Long> MILLISECONDS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);
  private static final BigDecimal MOST = BigDecimal.valueOf(1L << 50);

  private Quantity() {}

  /** Bytes, as in 256M or 1.5G, of powers of 1024. */
  static long bytes(final String text) {
    return amount(text, 1024, "give bytes as in 268435456, 256M or 1.5G, at most 1024T");
  }

  /** Bits a second, as in 10G, of powers of 1000. */
  static long bitsPerSecond(final String text) {
    return amount(text, 1000, "give bits a second as in 500M or 10G, at most 1125T");
  }

  /** Reads a length of time as in 500ms, 5s, 10m or 24h, within limits in milliseconds. */
  static Function<String, Long> milliseconds(final long least, final long most) {
    return text -> {
      final Matcher time = TIME.matcher(text);
      if (time.matches()) {
        final long value =
            Long.parseLong(time.group(1)) * MILLISECONDS.getOrDefault(time.group(2), 1L);
        if (value >= least && value <= most) {
          return value;
        }
      }
      throw new IllegalArgumentException(
          "give a length of time from "
              + time(least)
              + " to "
              + time(most)
              + ", as in 500ms or 5s");
    };
  }

  /** As {@link #bytes} reads it, in the largest unit that holds it whole. */
  static String bytesText(final long bytes) {
    return text(bytes, 1024);
  }

  /** As {@link #bitsPerSecond} reads it, likewise. */
  static String bitsText(final long bits) {
    return text(bits, 1000);
  }

  /** As {@link #milliseconds} reads it, likewise. */
  static String time(final long ms) {
    if (ms % 3_600_000 == 0) {
      return ms / 3_600_000 + "h";
    }
    return ms % 60_000 == 0 ? ms / 60_000 + "m" : ms % 1_000 == 0 ? ms / 1_000 + "s" : ms + "ms";
  }

  private static String text(final long value, final long base) {
    long rest = value;
    int unit = 0;
    while (rest > 0 && rest % base == 0 && unit < UNITS.length()) {
      rest /= base;
      unit++;
    }
    return rest + (unit == 0 ? "" : UNITS.substring(unit - 1, unit));
  }

  private static long amount(final String text, final long base, final String remedy) {
    final Matcher amount = AMOUNT.matcher(text);
    if (amount.matches()) {
      final int power = UNITS.indexOf(amount.group(2)) + (amount.group(2).isEmpty() ? 0 : 1);
      final BigDecimal value =
          new BigDecimal(amount.group(1)).multiply(BigDecimal.valueOf(base).pow(power));
      if (value.compareTo(MOST) <= 0 && value.stripTrailingZeros().scale() <= 0) {
        return value.longValueExact();
      }
    }
    throw new IllegalArgumentException(remedy);
  }
}
