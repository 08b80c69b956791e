package dev.shadowplane.control.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes as people write it: 65536, 500k, 100M or 2G, by powers of ten. */
final class SizeText implements ITypeConverter<Long> {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([kmgt]?)b?");

  @Override
  public Long convert(final String text) {
    final Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new TypeConversionException("'" + text + "' is no size: write 65536, 500k, 100M or 2G");
    }
    final long unit =
        switch (size.group(2)) {
          case "k" -> 1_000L;
          case "m" -> 1_000_000L;
          case "g" -> 1_000_000_000L;
          case "t" -> 1_000_000_000_000L;
          default -> 1;
        };
    try {
      return Math.multiplyExact(Long.parseLong(size.group(1)), unit);
    } catch (ArithmeticException e) {
      throw new TypeConversionException("'" + text + "' is more than there can be");
    }
  }
}
