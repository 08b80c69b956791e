package dev.shadowplane.control.feed;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.shadowplane.dataplane.analytics.IpText;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Ends of connections as text. */
final class Ends {
  private Ends() {}

  /** {@code ADDRESS:PORT}, IPv6 in brackets and as RFC 5952 has it. */
  static String text(final InetSocketAddress end) {
    final String address =
        end.getAddress() instanceof Inet6Address ipv6
            ? "[" + ipv6(ByteBuffer.wrap(ipv6.getAddress()).order(LITTLE_ENDIAN)) + "]"
            : end.getAddress().getHostAddress();
    return address + ":" + end.getPort();
  }

  private static String ipv6(final ByteBuffer address) {
    return IpText.ipv6(address.getLong(), address.getLong());
  }
}
