package dev.shadowplane.control.feed;

import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** Ends of connections as text. */
final class Ends {
  private Ends() {}

  /** {@code ADDRESS:PORT}, IPv6 in brackets. */
  static String text(final InetSocketAddress end) {
    final String address = end.getAddress().getHostAddress();
    return (end.getAddress() instanceof Inet6Address ? "[" + address + "]" : address)
        + ":"
        + end.getPort();
  }
}
