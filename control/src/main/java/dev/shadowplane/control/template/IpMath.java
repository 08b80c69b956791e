package dev.shadowplane.control.template;

import dev.shadowplane.dataplane.config.IpPrefix;
import io.netty.util.NetUtil;
import java.net.InetAddress;

/** What prefixes hold. An address is a prefix of its full length. */
final class IpMath {
  private static final IpPrefix[] UNUSABLE = {
    IpPrefix.of("0.0.0.0/8"),
    IpPrefix.of("127.0.0.0/8"),
    IpPrefix.of("224.0.0.0/3"),
    IpPrefix.of("::/127"),
    new IpPrefix(true, 0, 0xffff_0000_0000L, 96),
    IpPrefix.of("fe80::/10"),
    IpPrefix.of("ff00::/8")
  };

  private IpMath() {}

  /** Reads an address. */
  static IpPrefix address(final String text) {
    final IpPrefix address = IpPrefix.of(text);
    if (text.indexOf('/') >= 0) {
      throw new IllegalArgumentException("give an address without a length, as in 10.0.0.5");
    }
    return address;
  }

  /** Reads a prefix of a network, whose host part is 0. */
  static IpPrefix prefix(final String text) {
    final IpPrefix prefix = IpPrefix.of(text);
    final int slash = text.indexOf('/');
    if (slash >= 0 && !IpPrefix.of(text.substring(0, slash)).equals(first(prefix))) {
      throw new IllegalArgumentException("has bits behind the prefix: give " + text(prefix));
    }
    return prefix;
  }

  /**
   * An address or a prefix in its shortest form (RFC 5952), the length only where not all bits
   * count.
   */
  static String text(final IpPrefix prefix) {
    final String whole = prefix.toString();
    final int slash = whole.indexOf('/');
    final String address =
        NetUtil.toAddressString(InetAddress.ofLiteral(whole.substring(0, slash)));
    return prefix.length() == bits(prefix) ? address : address + whole.substring(slash);
  }

  static int bits(final IpPrefix prefix) {
    return prefix.isIpv6() ? 128 : 32;
  }

  /** The address whose host part is 0. */
  static IpPrefix first(final IpPrefix prefix) {
    return new IpPrefix(prefix.isIpv6(), prefix.high(), prefix.low(), bits(prefix));
  }

  /** The address after the first. */
  static IpPrefix second(final IpPrefix prefix) {
    return new IpPrefix(prefix.isIpv6(), prefix.high(), prefix.low() | 1, bits(prefix));
  }

  /** The address whose host part is all ones: the broadcast address of IPv4. */
  static IpPrefix last(final IpPrefix prefix) {
    final long low = prefix.low() | ~prefix.lowMask();
    return prefix.isIpv6()
        ? new IpPrefix(true, prefix.high() | ~prefix.highMask(), low, 128)
        : new IpPrefix(false, 0, low & 0xffff_ffffL, 32);
  }

  static boolean contains(final IpPrefix prefix, final IpPrefix other) {
    return prefix.isIpv6() == other.isIpv6()
        && prefix.length() <= other.length()
        && (other.high() & prefix.highMask()) == prefix.high()
        && (other.low() & prefix.lowMask()) == prefix.low();
  }

  static boolean overlap(final IpPrefix a, final IpPrefix b) {
    return contains(a, b) || contains(b, a);
  }

  /** Whether no host can have addresses of it: loopback, multicast, link-local and the like. */
  static boolean unusable(final IpPrefix prefix) {
    for (final IpPrefix range : UNUSABLE) {
      if (overlap(range, prefix)) {
        return true;
      }
    }
    return false;
  }
}
