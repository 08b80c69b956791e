package dev.shadowplane.dataplane.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/**
 * A prefix of IPv4 or IPv6 addresses.
 *
 * @param isIpv6 whether it is of IPv6
 * @param high the first 64 bits of an IPv6 address; 0 for IPv4
 * @param low the last 64 bits, or the 32 of an IPv4 address
 * @param length how many leading bits count; the others are 0 in {@code high} and {@code low}
 */
public record IpPrefix(boolean isIpv6, long high, long low, int length) {
  // Only whole addresses: 10/8 would be read as 0.0.0.10/8.
  private static final Pattern FORM =
      Pattern.compile("\\d+(\\.\\d+){3}|[\\p{XDigit}.]*:[\\p{XDigit}:.]*");

  private static final String REMEDY =
      "give an address or prefix as in 10.0.0.0/8 or 2001:db8::/32";

  /** Clears the bits that do not count. */
  public IpPrefix {
    high &= highMask(isIpv6, length);
    low &= lowMask(isIpv6, length);
  }

  /**
   * Reads an address; no name is ever looked up.
   *
   * @param text an address
   * @return the address
   * @throws IllegalArgumentException when it is not one
   */
  static InetAddress address(String text) {
    final String remedy = "give an address as in 192.0.2.1 or 2001:db8::1";
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(remedy);
    }
    final InetAddress address;
    try {
      address = InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(remedy, e);
    }
    if (text.indexOf(':') >= 0 && address.getAddress().length != 16) {
      // An IPv4 address in the clothes of IPv6, which no packet bears.
      throw new IllegalArgumentException(remedy);
    }
    return address;
  }

  /**
   * Reads one; no name is ever looked up.
   *
   * @param text an address, or an address, a slash and a length
   * @return the prefix
   * @throws IllegalArgumentException when it is not one
   */
  public static IpPrefix of(String text) {
    final int slash = text.indexOf('/');
    final String literal = slash < 0 ? text : text.substring(0, slash);
    final ByteBuffer address;
    try {
      address = ByteBuffer.wrap(address(literal).getAddress());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(REMEDY, e);
    }
    final boolean ipv6 = address.capacity() == 16;
    final int bits = ipv6 ? 128 : 32;
    final int length =
        slash < 0 ? bits : YamlReader.wholeNumber(text.substring(slash + 1), 0, bits);
    return ipv6
        ? new IpPrefix(true, address.getLong(0), address.getLong(8), length)
        : new IpPrefix(false, 0, Integer.toUnsignedLong(address.getInt(0)), length);
  }

  /**
   * The bits of {@link #high} that count.
   *
   * @return a mask
   */
  public long highMask() {
    return highMask(isIpv6, length);
  }

  /**
   * The bits of {@link #low} that count.
   *
   * @return a mask
   */
  public long lowMask() {
    return lowMask(isIpv6, length);
  }

  private static long highMask(boolean ipv6, int length) {
    return !ipv6 || length == 0 ? 0 : length >= 64 ? -1L : -1L << (64 - length);
  }

  private static long lowMask(boolean ipv6, int length) {
    if (!ipv6) {
      return length == 0 ? 0 : (-1L << (32 - length)) & 0xffff_ffffL;
    }
    return length <= 64 ? 0 : length == 128 ? -1L : -1L << (128 - length);
  }

  @Override
  public String toString() {
    final byte[] address =
        isIpv6
            ? ByteBuffer.allocate(16).putLong(high).putLong(low).array()
            : ByteBuffer.allocate(4).putInt((int) low).array();
    try {
      return InetAddress.getByAddress(address).getHostAddress() + "/" + length;
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
