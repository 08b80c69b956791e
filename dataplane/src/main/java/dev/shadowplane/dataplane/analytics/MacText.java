package dev.shadowplane.dataplane.analytics;

/** MAC addresses as text. */
final class MacText {
  private static final int BYTES = 6;

  private MacText() {}

  /**
   * Six hexadecimal pairs.
   *
   * @param mac 48 bits as a number
   * @return as in {@code 02:00:5e:10:00:01}
   */
  static String of(long mac) {
    final StringBuilder text = new StringBuilder(3 * BYTES);
    for (int shift = (BYTES - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      text.append(Character.forDigit((int) (mac >>> (shift + 4)) & 0xf, 16))
          .append(Character.forDigit((int) (mac >>> shift) & 0xf, 16));
      if (shift > 0) {
        text.append(':');
      }
    }
    return text.toString();
  }
}
