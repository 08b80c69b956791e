package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;
import static dev.shadowplane.dpdk.NativeMemory.putByte;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putLong;
import static dev.shadowplane.dpdk.NativeMemory.putShort;

import dev.shadowplane.dpdk.NativeMemory;

/**
 * Reads the headers of a frame into a {@link PacketRecord}: Ethernet, up to two VLAN tags, IPv4,
 * IPv6 with its extension headers, fragments, TCP, UDP and the protocol number of everything else.
 *
 * <p>No frame makes it fail: what is cut short or contradicts itself is flagged, and the work is
 * bounded by {@link #MAX_EXTENSION_HEADERS}. Allocates nothing; used by one thread at a time.
 */
public final class FrameParser {
  /** IPv6 extension headers read; a longer chain is malformed. */
  public static final int MAX_EXTENSION_HEADERS = 16;

  /**
   * Bytes that must be contiguous for every header the parser can reach to be read: two tags, IPv6
   * and a chain of ordinary extension headers. Frames whose first segment is shorter are gathered
   * up to this length first.
   */
  public static final int GATHER_BYTES = 512;

  private static final int ETHERNET_BYTES = 14;
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int TCP_BYTES = 20;
  private static final int UDP_BYTES = 8;
  private static final int TYPE_IPV4 = 0x0800;
  private static final int TYPE_IPV6 = 0x86dd;
  private static final int TYPE_VLAN = 0x8100;
  private static final int TYPE_QINQ = 0x88a8;
  private static final int TYPE_QINQ_OLD = 0x9100;
  private static final long MAC_MASK = 0xffff_ffff_ffffL;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int MOBILITY = 135;
  private static final int HOST_IDENTITY = 139;
  private static final int SHIM6 = 140;

  private final FlowHash flowHash;

  private long frame;
  private int available;
  private int frameLength;
  private long record;
  private int flags;
  private int networkOffset;
  private int transportOffset;

  /**
   * A parser.
   *
   * @param flowHash fills {@link PacketRecord#FLOW_HASH}
   */
  public FrameParser(FlowHash flowHash) {
    this.flowHash = flowHash;
  }

  /**
   * What fills {@link PacketRecord#FLOW_HASH}.
   *
   * @return as given
   */
  public FlowHash flowHash() {
    return flowHash;
  }

  /**
   * Parses one frame.
   *
   * @param frame address of the first byte of its Ethernet header
   * @param available contiguous bytes that may be read there
   * @param frameLength its length on the wire, at least {@code available}
   * @param ingressPort goes into the record
   * @param record address of {@link PacketRecord#LONG_BYTES} bytes, all the caller's
   * @return the flags written, a set of {@code PacketRecord.FLAG_} bits
   */
  public int parse(long frame, int available, int frameLength, int ingressPort, long record) {
    if (PlainFrame.parse(frame, available, frameLength, PlainFrame.head(ingressPort), record)) {
      hash(record);
      networkOffset = PlainFrame.NETWORK_OFFSET;
      transportOffset = PlainFrame.TRANSPORT_OFFSET;
      return 0;
    }
    return parseCarefully(frame, available, frameLength, ingressPort, record);
  }

  /**
   * Completes the record of a plain frame.
   *
   * @param record as {@link PlainFrame#parse} left it
   */
  public void hash(long record) {
    putInt(
        record + PacketRecord.FLOW_HASH,
        flowHash.ofIpv4(
            getLong(record + PacketRecord.SOURCE_ADDRESS),
            getInt(record + PacketRecord.SOURCE_PORT),
            getUnsignedByte(record + PacketRecord.PROTOCOL)));
  }

  /**
   * Where the IP header of the frame parsed last begins.
   *
   * @return its offset; 0 for a {@link PacketRecord#KIND_OTHER} frame
   */
  public int networkOffset() {
    return networkOffset;
  }

  /**
   * Where the TCP or UDP header of the frame parsed last begins.
   *
   * @return its offset; 0 where its ports were not read
   */
  public int transportOffset() {
    return transportOffset;
  }

  private int parseCarefully(
      long frame, int available, int frameLength, int ingressPort, long record) {
    this.frame = frame;
    this.available = available;
    this.frameLength = frameLength;
    this.record = record;
    flags = 0;
    networkOffset = 0;
    transportOffset = 0;
    for (int i = 0; i < PacketRecord.LONG_BYTES; i += Long.BYTES) {
      putLong(record + i, 0);
    }
    putByte(record + PacketRecord.INGRESS_PORT, ingressPort);
    putInt(record + PacketRecord.FRAME_LENGTH, frameLength);
    ethernet();
    putByte(record + PacketRecord.FLAGS, flags);
    return flags;
  }

  private void ethernet() {
    if (!readable(0, ETHERNET_BYTES, frameLength)) {
      return;
    }
    int type = u16(12);
    int offset = ETHERNET_BYTES;
    while ((type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD)
        && (flags & PacketRecord.FLAG_QINQ) == 0) {
      if (!readable(offset, 4, frameLength)) {
        break;
      }
      final boolean second = (flags & PacketRecord.FLAG_VLAN) != 0;
      putShort(
          record + (second ? PacketRecord.INNER_VLAN_TCI : PacketRecord.VLAN_TCI), raw16(offset));
      flags |= second ? PacketRecord.FLAG_QINQ : PacketRecord.FLAG_VLAN;
      type = u16(offset + 2);
      offset += 4;
    }
    if (type == TYPE_IPV4) {
      ipv4(offset);
    } else if (type == TYPE_IPV6) {
      ipv6(offset);
    } else {
      etherType(type);
      putInt(
          record + PacketRecord.FLOW_HASH,
          flowHash.ofFrame(getLong(frame + 4) >>> 16, getLong(frame) & MAC_MASK, type));
    }
  }

  private void ipv4(int offset) {
    if (!readable(offset, IPV4_BYTES, frameLength)) {
      etherType(TYPE_IPV4);
      return;
    }
    final int headerBytes = (u8(offset) & 0x0f) * 4;
    int ipLength = u16(offset + 2);
    if (ipLength == 0) {
      // Left to the NIC by a sender with segmentation offload: the frame ends it.
      ipLength = Math.min(frameLength - offset, 0xffff);
    }
    if (u8(offset) >>> 4 != 4 || headerBytes < IPV4_BYTES) {
      flags |= PacketRecord.FLAG_MALFORMED;
      etherType(TYPE_IPV4);
      return;
    }
    networkOffset = offset;
    final int protocol = u8(offset + 9);
    final long addresses = getLong(frame + offset + 12);
    putByte(record + PacketRecord.KIND, PacketRecord.KIND_IPV4);
    putByte(record + PacketRecord.PROTOCOL, protocol);
    putByte(record + PacketRecord.TRAFFIC_CLASS, u8(offset + 1));
    putShort(record + PacketRecord.IP_LENGTH, swap16(ipLength));
    putLong(record + PacketRecord.SOURCE_ADDRESS, addresses);
    int ports = 0;
    if (ipLength < headerBytes) {
      flags |= PacketRecord.FLAG_MALFORMED;
      portless(protocol);
    } else {
      final int end = endWithinFrame(offset + ipLength);
      final int fragment = u16(offset + 6);
      if ((fragment & 0x1fff) != 0) {
        flags |= PacketRecord.FLAG_LATER_FRAGMENT;
      } else {
        flags |= (fragment & 0x2000) != 0 ? PacketRecord.FLAG_FIRST_FRAGMENT : 0;
        ports = layer4(offset + headerBytes, end, protocol);
      }
      if (isFragment()) {
        PacketRecord.putFrameLength(record, flags, frameLength);
        putShort(record + PacketRecord.FRAGMENT_ID_IPV4, raw16(offset + 4));
      }
    }
    putInt(
        record + PacketRecord.FLOW_HASH,
        flowHash.ofIpv4(addresses, isFragment() ? 0 : ports, protocol));
  }

  private void ipv6(int offset) {
    if (!readable(offset, IPV6_BYTES, frameLength)) {
      etherType(TYPE_IPV6);
      return;
    }
    if (u8(offset) >>> 4 != 6) {
      flags |= PacketRecord.FLAG_MALFORMED;
      etherType(TYPE_IPV6);
      return;
    }
    networkOffset = offset;
    int payload = u16(offset + 4);
    if (payload == 0 && u8(offset + 6) != 59) {
      payload = Math.min(frameLength - offset - IPV6_BYTES, 0xffff - IPV6_BYTES);
    }
    final int end = endWithinFrame(offset + IPV6_BYTES + payload);
    putByte(record + PacketRecord.KIND, PacketRecord.KIND_IPV6);
    putByte(record + PacketRecord.TRAFFIC_CLASS, u16(offset) >>> 4);
    putShort(record + PacketRecord.IP_LENGTH, swap16(Math.min(IPV6_BYTES + payload, 0xffff)));
    for (int i = 0; i < 32; i += Long.BYTES) {
      putLong(record + PacketRecord.SOURCE_ADDRESS + i, getLong(frame + offset + 8 + i));
    }
    int ports = 0;
    int protocol = u8(offset + 6);
    final long upper = upperLayer(offset + IPV6_BYTES, end, protocol);
    protocol = (int) (upper >>> 32);
    final int upperOffset = (int) upper;
    if (upperOffset > 0) {
      ports = layer4(upperOffset, end, protocol);
    } else if ((flags & PacketRecord.FLAG_LATER_FRAGMENT) == 0) {
      portless(protocol);
    }
    putByte(record + PacketRecord.PROTOCOL, protocol);
    putInt(
        record + PacketRecord.FLOW_HASH,
        flowHash.ofIpv6(
            getLong(frame + offset + 8),
            getLong(frame + offset + 16),
            getLong(frame + offset + 24),
            getLong(frame + offset + 32),
            isFragment() ? 0 : ports,
            protocol));
  }

  /**
   * Walks the extension headers (RFC 8200, section 4).
   *
   * @return the upper-layer protocol in the high half; in the low half its offset, or 0 when it
   *     cannot be read
   */
  private long upperLayer(int start, int end, int firstProtocol) {
    int protocol = firstProtocol;
    int offset = start;
    for (int i = 0; i <= MAX_EXTENSION_HEADERS; i++) {
      int length = 0;
      switch (protocol) {
        case HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS, MOBILITY, HOST_IDENTITY, SHIM6 -> {
          if (readable(offset, 8, end)) {
            length = (u8(offset + 1) + 1) * 8;
          }
        }
        case AUTHENTICATION -> {
          if (readable(offset, 8, end)) {
            length = (u8(offset + 1) + 2) * 4;
          }
        }
        case FRAGMENT -> {
          if (readable(offset, 8, end)) {
            length = 8;
            final int fragment = u16(offset + 2);
            if ((fragment & 0xfff9) != 0) {
              putInt(record + PacketRecord.FRAGMENT_ID_IPV6, getInt(frame + offset + 4));
            }
            if ((fragment & 0xfff8) != 0) {
              flags |= PacketRecord.FLAG_LATER_FRAGMENT;
              return (long) u8(offset) << 32;
            }
            flags |= (fragment & 1) != 0 ? PacketRecord.FLAG_FIRST_FRAGMENT : 0;
          }
        }
        default -> {
          return (long) protocol << 32 | offset;
        }
      }
      if (length == 0) {
        return (long) protocol << 32;
      }
      protocol = u8(offset);
      offset += length;
    }
    flags |= PacketRecord.FLAG_MALFORMED;
    return (long) protocol << 32;
  }

  /** Reads ports and flags into the record; both ports as {@link FlowHash} takes them, or 0. */
  private int layer4(int offset, int end, int protocol) {
    if (protocol != TCP && protocol != UDP) {
      return 0;
    }
    // Ports come first in both: a first fragment, or a snapped frame, may hold no more than them.
    if (!readable(offset, 4, end)) {
      portless(protocol);
      return 0;
    }
    transportOffset = offset;
    final int ports = raw16(offset) | (raw16(offset + 2) << 16);
    putInt(record + PacketRecord.SOURCE_PORT, ports);
    final boolean whole = (flags & PacketRecord.FLAG_FIRST_FRAGMENT) == 0;
    if (protocol == TCP) {
      if (readable(offset, TCP_BYTES, end)) {
        final int headerBytes = (u8(offset + 12) & 0xf0) >>> 2;
        if (headerBytes < TCP_BYTES || (whole && headerBytes > end - offset)) {
          flags |= PacketRecord.FLAG_MALFORMED;
        }
        putByte(record + PacketRecord.TCP_FLAGS, u8(offset + 13));
      }
    } else if (readable(offset, UDP_BYTES, end)) {
      final int udpLength = u16(offset + 4);
      // 0 is allowed in IPv6 jumbograms (RFC 2675).
      if ((udpLength != 0 && udpLength < UDP_BYTES) || (whole && udpLength > end - offset)) {
        flags |= PacketRecord.FLAG_MALFORMED;
      }
    }
    return ports;
  }

  private void portless(int protocol) {
    flags |= protocol == TCP || protocol == UDP ? PacketRecord.FLAG_PORTLESS : 0;
  }

  private boolean isFragment() {
    return (flags & (PacketRecord.FLAG_FIRST_FRAGMENT | PacketRecord.FLAG_LATER_FRAGMENT)) != 0;
  }

  /** Where a packet that claims to end there does: a frame too short for its claim is malformed. */
  private int endWithinFrame(int claimed) {
    if (claimed > frameLength) {
      flags |= PacketRecord.FLAG_MALFORMED;
      return frameLength;
    }
    return claimed;
  }

  /** Whether {@code length} bytes at {@code offset} can be read; flags why when not. */
  private boolean readable(int offset, int length, int end) {
    if (end - offset < length) {
      flags |= PacketRecord.FLAG_MALFORMED;
      return false;
    }
    if (available - offset < length) {
      flags |= PacketRecord.FLAG_TRUNCATED;
      return false;
    }
    return true;
  }

  private int u8(int offset) {
    NativeMemory.check(offset, 1, available);
    return getUnsignedByte(frame + offset);
  }

  private int u16(int offset) {
    return PacketRecord.number(raw16(offset));
  }

  private int raw16(int offset) {
    NativeMemory.check(offset, 2, available);
    return getUnsignedShort(frame + offset);
  }

  private void etherType(int type) {
    putShort(record + PacketRecord.ETHER_TYPE, swap16(type));
  }

  private static int swap16(int value) {
    return Short.toUnsignedInt(Short.reverseBytes((short) value));
  }
}
