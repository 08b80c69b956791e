package dev.shadowplane.dataplane.analytics.aggregate;

import dev.shadowplane.dataplane.analytics.IpText;

/** Keys as people write them. */
final class KeyText {
  private static final int VLAN_SHIFT = 32;
  private static final long VNI_MASK = 0xff_ffff;
  private static final long TUNNEL = 1L << 25;
  private static final long TUNNEL_UNKNOWN = 1L << 26;

  /** A rule that is none. */
  static final long NO_RULE = -1;

  /** What only a full record tells. */
  static final long UNKNOWN = -2;

  private KeyText() {}

  /** The first word of a network's key. */
  static long network(int vlan, boolean known, long vni) {
    final long tunnel = !known ? TUNNEL_UNKNOWN : vni < 0 ? 0 : TUNNEL | vni;
    return (long) (vlan + 1) << VLAN_SHIFT | tunnel;
  }

  /** The first word of a port's key. */
  static long port(int protocol, int port) {
    return (long) protocol << Short.SIZE | port;
  }

  static String name(AggregateKind kind, AggregateKey key) {
    return switch (kind) {
      case TOTAL -> "all";
      case HOST, PAIR -> address(key.first, key.second);
      case VM_PAIR -> key.first == UNKNOWN ? "unknown" : mac(key.first);
      case SUBNET -> subnet(key.first, key.second, (int) key.third);
      case NETWORK -> network(key.first);
      case RULE ->
          key.first == UNKNOWN ? "unknown" : key.first == NO_RULE ? "none" : "#" + key.first;
      case PORT -> service((int) (key.first >>> Short.SIZE), (int) key.first & 0xffff);
    };
  }

  static String peer(AggregateKind kind, AggregateKey key) {
    return switch (kind) {
      case PAIR -> address(key.third, key.fourth);
      case VM_PAIR -> key.first == UNKNOWN ? "unknown" : mac(key.second);
      default -> "";
    };
  }

  private static String address(long high, long low) {
    return SubnetMap.isMapped(high, low)
        ? IpText.ipv4(Integer.reverseBytes((int) low))
        : IpText.ipv6(Long.reverseBytes(high), Long.reverseBytes(low));
  }

  private static String subnet(long high, long low, int length) {
    if (length == SubnetMap.ELSEWHERE) {
      return "elsewhere";
    }
    return length >= SubnetMap.MAPPED_BITS && SubnetMap.isMapped(high, low)
        ? address(high, low) + "/" + (length - SubnetMap.MAPPED_BITS)
        : address(high, low) + "/" + length;
  }

  private static String mac(long mac) {
    final StringBuilder text = new StringBuilder(17);
    for (int shift = 40; shift >= 0; shift -= 8) {
      final String pair = Long.toHexString((mac >>> shift & 0xff) | 0x100);
      text.append(pair, 1, 3).append(shift > 0 ? ":" : "");
    }
    return text.toString();
  }

  private static String network(long key) {
    final long vlan = (key >>> VLAN_SHIFT) - 1;
    final String link = vlan <= 0 ? "untagged" : "vlan " + vlan;
    if ((key & TUNNEL_UNKNOWN) != 0) {
      return link + ", tunnel unknown";
    }
    return (key & TUNNEL) != 0 ? link + ", vni " + (key & VNI_MASK) : link;
  }

  private static String service(int protocol, int port) {
    final String name =
        switch (protocol) {
          case 1 -> "icmp";
          case 2 -> "igmp";
          case 6 -> "tcp";
          case 17 -> "udp";
          case 47 -> "gre";
          case 50 -> "esp";
          case 58 -> "icmpv6";
          case 132 -> "sctp";
          default -> "protocol " + protocol;
        };
    return port == 0 ? name : name + "/" + port;
  }
}
