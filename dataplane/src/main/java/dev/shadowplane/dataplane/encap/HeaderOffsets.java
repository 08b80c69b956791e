package dev.shadowplane.dataplane.encap;

import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;

import dev.shadowplane.dpdk.NativeMemory;

/**
 * Where in a frame the fields lie that a change concerns. The work is bounded by {@link #MAX_BYTES}
 * and by what can be read; nothing it meets makes it fail. One thread; allocates nothing.
 */
final class HeaderOffsets {
  /** How far headers are read. */
  static final int MAX_BYTES = 512;

  /** Stands for a field that is not there. */
  static final int NONE = -1;

  /** Stands for a checksum that is there, further behind than headers are read. */
  static final int TOO_DEEP = -2;

  static final int IPV4 = 4;
  static final int IPV6 = 6;
  static final int ARP = 1;
  static final int OTHER = 0;

  static final int ICMPV6 = 58;
  static final int UDP = 17;

  private static final int ETHERNET_BYTES = 14;
  private static final int TAG_BYTES = 4;
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int ARP_BYTES = 28;
  private static final int TYPE_IPV4 = 0x0800;
  private static final int TYPE_ARP = 0x0806;
  private static final int TYPE_IPV6 = 0x86dd;
  private static final int TYPE_VLAN = 0x8100;
  private static final int TYPE_QINQ = 0x88a8;
  private static final int TYPE_QINQ_OLD = 0x9100;

  /** Hardware Ethernet (RFC 826). */
  private static final int ARP_ETHERNET = 1;

  /** Six bytes of hardware address, four of protocol address. */
  private static final int ARP_LENGTHS = 0x0604;

  private static final int TCP = 6;
  private static final int DCCP = 33;
  private static final int UDP_LITE = 136;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int MOBILITY = 135;
  private static final int HOST_IDENTITY = 139;
  private static final int SHIM6 = 140;

  private long frame;
  private int available;
  private boolean more;
  private int tags;
  private int network;
  private int kind;
  private int protocol;
  private int upper;
  private int checksum;
  private boolean finalDestination;

  /**
   * Reads a frame's headers.
   *
   * @param address of its first byte
   * @param readable how many bytes can be read there, at most {@link #MAX_BYTES}
   * @param hasMore whether the frame goes on behind them
   */
  void read(long address, int readable, boolean hasMore) {
    frame = address;
    available = readable;
    more = hasMore;
    tags = 0;
    network = NONE;
    kind = OTHER;
    protocol = NONE;
    upper = NONE;
    checksum = NONE;
    finalDestination = true;
    if (available < ETHERNET_BYTES) {
      return;
    }
    int offset = ETHERNET_BYTES;
    int type = u16(12);
    while ((type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD)
        && tags < 2
        && available - offset >= TAG_BYTES) {
      tags++;
      type = u16(offset + 2);
      offset += TAG_BYTES;
    }
    network = offset;
    if (type == TYPE_IPV4 && isVersion(offset, 4, IPV4_BYTES)) {
      ipv4(offset);
    } else if (type == TYPE_IPV6 && isVersion(offset, 6, IPV6_BYTES)) {
      kind = IPV6;
      ipv6(offset);
    } else if (type == TYPE_ARP && isArp(offset)) {
      kind = ARP;
    }
  }

  /**
   * The outermost tag of a frame.
   *
   * @param address of its first byte
   * @param readable how many bytes can be read there
   * @return its TCI, or {@link #NONE}
   */
  static int outermostTag(long address, int readable) {
    if (readable < ETHERNET_BYTES + 2) {
      return NONE;
    }
    final int type = swap(getUnsignedShort(address + 12));
    return type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD
        ? swap(getUnsignedShort(address + ETHERNET_BYTES))
        : NONE;
  }

  private boolean isVersion(int offset, int version, int headerBytes) {
    return available - offset >= headerBytes && u8(offset) >>> 4 == version;
  }

  private boolean isArp(int offset) {
    return available - offset >= ARP_BYTES
        && u16(offset) == ARP_ETHERNET
        && u16(offset + 2) == TYPE_IPV4
        && u16(offset + 4) == ARP_LENGTHS;
  }

  private void ipv4(int offset) {
    final int headerBytes = (u8(offset) & 0x0f) * 4;
    if (headerBytes < IPV4_BYTES) {
      return;
    }
    kind = IPV4;
    final int end = offset + u16(offset + 2);
    locate(offset + headerBytes, (u16(offset + 6) & 0x1fff) * 8, u8(offset + 9), end);
  }

  /** Walks the extension headers (RFC 8200, section 4). */
  private void ipv6(int start) {
    int next = u8(start + 6);
    int offset = start + IPV6_BYTES;
    while (true) {
      int length = 0;
      switch (next) {
        case HOP_BY_HOP, DESTINATION_OPTIONS, MOBILITY, HOST_IDENTITY, SHIM6, ROUTING -> {
          if (available - offset >= 8) {
            length = (u8(offset + 1) + 1) * 8;
            // Until the last segment, the checksum is about an address that is not in the header.
            finalDestination &= next != ROUTING || u8(offset + 3) == 0;
          }
        }
        case AUTHENTICATION -> {
          if (available - offset >= 8) {
            length = (u8(offset + 1) + 2) * 4;
          }
        }
        case FRAGMENT -> {
          if (available - offset >= 8) {
            length = 8;
            final int at = u16(offset + 2) & 0xfff8;
            if (at != 0) {
              // Of what precedes the upper header in a later fragment nothing is known; when the
              // first header is the upper one already, its checksum may lie in here.
              locate(offset + length, at, u8(offset), start + IPV6_BYTES + u16(start + 4));
              return;
            }
          }
        }
        default -> {
          locate(offset, 0, next, start + IPV6_BYTES + u16(start + 4));
          return;
        }
      }
      if (length == 0) {
        checksum = more ? TOO_DEEP : NONE;
        return;
      }
      next = u8(offset);
      offset += length;
    }
  }

  /**
   * Finds the checksum that covers the addresses.
   *
   * @param start of what this packet or fragment carries
   * @param fragmentOffset where that lies in the datagram
   * @param upperProtocol whose header the datagram begins with
   * @param end of the packet, as it claims
   */
  private void locate(int start, int fragmentOffset, int upperProtocol, int end) {
    protocol = upperProtocol;
    final int within =
        switch (upperProtocol) {
          case TCP -> 16;
          case UDP, UDP_LITE, DCCP -> 6;
          case ICMPV6 -> kind == IPV6 ? 2 : NONE;
          default -> NONE;
        };
    if (fragmentOffset == 0) {
      upper = start;
    }
    final int at = start - fragmentOffset + within;
    // A length of 0 was left to the NIC by a sender with segmentation offload: the frame ends it.
    final boolean claimed = end <= start || at + 2 <= end;
    if (within == NONE || within < fragmentOffset || !claimed) {
      return;
    }
    if (at + 2 <= available) {
      checksum = at;
    } else if (more) {
      checksum = TOO_DEEP;
    }
  }

  /** How many tags there are, at most two. */
  int tags() {
    return tags;
  }

  /** Where what follows the tags begins, or {@link #NONE} in a frame that is none. */
  int network() {
    return network;
  }

  /** {@link #IPV4}, {@link #IPV6}, {@link #ARP} or {@link #OTHER}. */
  int kind() {
    return kind;
  }

  /** The protocol of the upper header; set with {@link #checksum()} or {@link #upper()}. */
  int protocol() {
    return protocol;
  }

  /** Where the upper header begins, or {@link #NONE}. */
  int upper() {
    return upper;
  }

  /** Where the checksum lies that covers the addresses, {@link #NONE}, or {@link #TOO_DEEP}. */
  int checksum() {
    return checksum;
  }

  /** Whether the checksum covers the destination address of the IP header. */
  boolean coversDestination() {
    return finalDestination;
  }

  private int u8(int offset) {
    NativeMemory.check(offset, 1, available);
    return getUnsignedByte(frame + offset);
  }

  private int u16(int offset) {
    NativeMemory.check(offset, 2, available);
    return swap(getUnsignedShort(frame + offset));
  }

  private static int swap(int value) {
    return Short.toUnsignedInt(Short.reverseBytes((short) value));
  }
}
