package dev.shadowplane.control.store;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One version of a key as it is written: a sum of the rest, whether it removes the key, its time,
 * and the value.
 *
 * @param removed whether the key has no value since then.
 * @param atNs when it was written, in nanoseconds since 1970.
 * @param value the value; empty if removed.
 */
record StoredText(boolean removed, long atNs, String value) {
  private static final int SUM_LENGTH = 8;
  private static final int TIME_LENGTH = 16;
  private static final int HEAD_LENGTH = SUM_LENGTH + 1 + TIME_LENGTH;

  String encoded() {
    final String rest = (removed ? "-" : "+") + "%016x".formatted(atNs) + value;
    return sum(rest) + rest;
  }

  /** Reads what {@link #encoded} wrote; empty if it is anything else. */
  static Optional<StoredText> decoded(final String text) {
    if (text.length() < HEAD_LENGTH
        || !text.substring(0, SUM_LENGTH).equals(sum(text.substring(SUM_LENGTH)))) {
      return Optional.empty();
    }
    return Optional.of(
        new StoredText(
            text.charAt(SUM_LENGTH) == '-',
            Long.parseLong(text.substring(SUM_LENGTH + 1, HEAD_LENGTH), 16),
            text.substring(HEAD_LENGTH)));
  }

  Optional<String> asValue() {
    return removed ? Optional.empty() : Optional.of(value);
  }

  private static String sum(final String text) {
    final CRC32C sum = new CRC32C();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(sum.getValue());
  }
}
