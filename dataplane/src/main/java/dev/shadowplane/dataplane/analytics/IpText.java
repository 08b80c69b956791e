package dev.shadowplane.dataplane.analytics;

/** IP addresses as text. */
public final class IpText {
  private static final int GROUPS = 8;

  private IpText() {}

  /**
   * Dotted decimal.
   *
   * @param address as loaded from the wire in little-endian order
   * @return the text
   */
  public static String ipv4(int address) {
    final StringBuilder text = new StringBuilder(15);
    appendIpv4(text, Integer.reverseBytes(address));
    return text.toString();
  }

  /**
   * The canonical form of RFC 5952; IPv4-mapped addresses end in dotted decimal (section 5).
   *
   * @param high the first 8 bytes as loaded from the wire in little-endian order
   * @param low the last 8
   * @return the text
   */
  public static String ipv6(long high, long low) {
    final long first = Long.reverseBytes(high);
    final long second = Long.reverseBytes(low);
    final StringBuilder text = new StringBuilder(39);
    if (first == 0 && second >>> 32 == 0xffff) {
      appendIpv4(text.append("::ffff:"), (int) second);
      return text.toString();
    }
    int zerosAt = -1;
    int zeros = 1;
    for (int i = 0; i < GROUPS; i++) {
      int run = 0;
      while (i + run < GROUPS && group(first, second, i + run) == 0) {
        run++;
      }
      if (run > zeros) {
        zerosAt = i;
        zeros = run;
      }
      i += run;
    }
    for (int i = 0; i < GROUPS; i++) {
      if (i == zerosAt) {
        text.append("::");
        i += zeros - 1;
      } else {
        if (i > 0 && i != zerosAt + zeros) {
          text.append(':');
        }
        text.append(Integer.toHexString(group(first, second, i)));
      }
    }
    return text.toString();
  }

  private static int group(long first, long second, int index) {
    return (int) ((index < 4 ? first : second) >>> (48 - 16 * (index & 3))) & 0xffff;
  }

  private static void appendIpv4(StringBuilder text, int address) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      text.append(address >>> shift & 0xff);
      if (shift > 0) {
        text.append('.');
      }
    }
  }
}
