package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.TimeSpan;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A length of time as people write it, in nanoseconds; more than 0. */
final class DurationText implements ITypeConverter<Long> {
  @Override
  public Long convert(final String text) {
    try {
      return TimeSpan.ofText(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' " + e.getMessage());
    }
  }
}
