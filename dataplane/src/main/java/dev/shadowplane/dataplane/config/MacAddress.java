package dev.shadowplane.dataplane.config;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A MAC address.
 *
 * @param value its six bytes, the first in the highest of 48 bits
 */
public record MacAddress(long value) {
  private static final Pattern FORM = Pattern.compile("\\p{XDigit}{2}([:-]\\p{XDigit}{2}){5}");

  /**
   * Reads one.
   *
   * @param text for example {@code 52:54:00:12:34:56}
   * @return the address
   * @throws IllegalArgumentException when it is not one
   */
  public static MacAddress of(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("give six bytes as in 52:54:00:12:34:56");
    }
    return new MacAddress(HexFormat.fromHexDigitsToLong(text.replaceAll("[:-]", "")));
  }

  @Override
  public String toString() {
    final byte[] bytes = new byte[6];
    for (int i = 0; i < 6; i++) {
      bytes[i] = (byte) (value >>> (40 - 8 * i));
    }
    return HexFormat.ofDelimiter(":").formatHex(bytes);
  }
}
