package dev.shadowplane.dataplane.session;

import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.List;

/**
 * A TCP service whose sessions are wanted.
 *
 * @param name what reports call it
 * @param port where it listens, 1 to 65,535
 * @param addresses on which addresses; empty for any
 */
public record NamedService(String name, int port, List<IpPrefix> addresses) {
  /** Copies the list. */
  public NamedService {
    addresses = List.copyOf(addresses);
  }

  boolean isAt(boolean ipv6, long high, long low, int atPort) {
    if (atPort != port) {
      return false;
    }
    if (addresses.isEmpty()) {
      return true;
    }
    for (IpPrefix prefix : addresses) {
      if (prefix.isIpv6() == ipv6
          && (high & prefix.highMask()) == prefix.high()
          && (low & prefix.lowMask()) == prefix.low()) {
        return true;
      }
    }
    return false;
  }
}
