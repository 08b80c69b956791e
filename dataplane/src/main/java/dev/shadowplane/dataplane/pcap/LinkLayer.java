package dev.shadowplane.dataplane.pcap;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * Where the network layer of a frame begins, and what it is, for every link type that is decoded:
 * Ethernet, raw IP, Linux cooked and BSD loopback. Stateless; allocates nothing; no frame makes it
 * fail.
 */
public final class LinkLayer {
  /** Not known: the link type is not decoded, or the frame is cut short or carries no EtherType. */
  public static final int NONE = -1;

  /** The EtherType of IPv4. */
  public static final int TYPE_IPV4 = 0x0800;

  /** The EtherType of IPv6. */
  public static final int TYPE_IPV6 = 0x86dd;

  private static final int ETHERNET_BYTES = 14;
  private static final int FAMILY_BYTES = 4;
  private static final int SLL_BYTES = 16;
  private static final int SLL2_BYTES = 20;

  /** What Linux cooked captures hold of interfaces whose protocol field is no EtherType. */
  private static final int ARPHRD_FRAD = 770;

  private static final int ARPHRD_IEEE80211_RADIOTAP = 803;
  private static final int ARPHRD_NETLINK = 824;

  private LinkLayer() {}

  /**
   * Length of the link-layer header, which is where the network layer begins; of Ethernet without
   * tags, which {@link #etherType} then names.
   *
   * @param linkType a LINKTYPE number
   * @return bytes, or {@link #NONE} for a type that is not decoded
   */
  public static int headerBytes(int linkType) {
    return switch (linkType) {
      case LinkType.ETHERNET -> ETHERNET_BYTES;
      case LinkType.RAW_DLT, LinkType.RAW_OPENBSD, LinkType.RAW, LinkType.IPV4, LinkType.IPV6 -> 0;
      case LinkType.NULL, LinkType.LOOP -> FAMILY_BYTES;
      case LinkType.LINUX_SLL -> SLL_BYTES;
      case LinkType.LINUX_SLL2 -> SLL2_BYTES;
      default -> NONE;
    };
  }

  /**
   * What the network layer is.
   *
   * @param frame holds the frame
   * @param offset of its first byte
   * @param length of what is captured of it
   * @param linkType a LINKTYPE number
   * @return its EtherType (below 0x600 the length of an IEEE 802.3 frame), or {@link #NONE}
   */
  public static int etherType(DirectBuffer frame, int offset, int length, int linkType) {
    final int header = headerBytes(linkType);
    if (header == NONE || length < header) {
      return NONE;
    }
    return switch (linkType) {
      case LinkType.ETHERNET -> u16(frame, offset + 12);
      case LinkType.IPV4 -> TYPE_IPV4;
      case LinkType.IPV6 -> TYPE_IPV6;
      case LinkType.NULL -> ofFamily(hostOrder(frame.getInt(offset, BIG_ENDIAN)));
      case LinkType.LOOP -> ofFamily(frame.getInt(offset, BIG_ENDIAN));
      case LinkType.LINUX_SLL -> cooked(u16(frame, offset + 2), u16(frame, offset + 14));
      case LinkType.LINUX_SLL2 -> cooked(u16(frame, offset + 8), u16(frame, offset));
      default -> length == 0 ? NONE : ofVersion(frame.getByte(offset));
    };
  }

  private static int ofVersion(byte first) {
    return switch ((first >>> 4) & 0xf) {
      case 4 -> TYPE_IPV4;
      case 6 -> TYPE_IPV6;
      default -> NONE;
    };
  }

  /** Families are small numbers, so that the order in which they were written shows. */
  private static int hostOrder(int family) {
    return (family & 0xffff_0000) == 0 ? family : Integer.reverseBytes(family);
  }

  /** AF_INET, and AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin. */
  private static int ofFamily(int family) {
    return switch (family) {
      case 2 -> TYPE_IPV4;
      case 10, 24, 28, 30 -> TYPE_IPV6;
      default -> NONE;
    };
  }

  private static int cooked(int hardware, int protocol) {
    return switch (hardware) {
      case ARPHRD_FRAD, ARPHRD_IEEE80211_RADIOTAP, ARPHRD_NETLINK -> NONE;
      // Numbers of Linux's own for what has no EtherType.
      default -> protocol >= 0x600 ? protocol : NONE;
    };
  }

  private static int u16(DirectBuffer frame, int at) {
    return Short.toUnsignedInt(frame.getShort(at, BIG_ENDIAN));
  }
}
