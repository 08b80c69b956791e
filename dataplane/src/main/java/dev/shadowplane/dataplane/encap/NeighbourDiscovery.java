package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.config.CollectorConfig;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the MAC address of a next hop and understands the answer: ARP (RFC 826), and neighbour
 * solicitation and advertisement (RFC 4861). Only an answer to the question counts, sent to who
 * asked; what others say unasked does not lead mirrored traffic elsewhere. Not for the packet path.
 */
final class NeighbourDiscovery {
  /** Not an answer. */
  static final long NONE = -1;

  private static final int TYPE_VLAN = 0x8100;
  private static final int TYPE_ARP = 0x0806;
  private static final int TYPE_IPV6 = 0x86dd;
  private static final long ARP_REQUEST = 0x0001_0800_0604_0001L;
  private static final long ARP_REPLY = 0x0001_0800_0604_0002L;
  private static final int ARP_BYTES = 28;
  private static final int IPV6_BYTES = 40;
  private static final int ICMPV6 = 58;
  private static final int SOLICITATION = 135;
  private static final int ADVERTISEMENT = 136;
  private static final int NEIGHBOUR_BYTES = 24;
  private static final int SOURCE_LINK_ADDRESS = 1;
  private static final int TARGET_LINK_ADDRESS = 2;

  /** What nobody may have forwarded (RFC 4861, section 7.1). */
  private static final int HOP_LIMIT = 255;

  private static final long BROADCAST = 0xffff_ffff_ffffL;

  private NeighbourDiscovery() {}

  /** Six bytes of an array as a number, the first in the highest of 48 bits. */
  static long mac(byte[] bytes, int at) {
    long mac = 0;
    for (int i = 0; i < 6; i++) {
      mac = (mac << 8) | (bytes[at + i] & 0xff);
    }
    return mac;
  }

  /** The frame that asks for a collector's next hop. */
  static byte[] question(CollectorConfig config, long sourceMac) {
    final byte[] bytes = new byte[128];
    final ByteBuffer buffer = ByteBuffer.wrap(bytes);
    final byte[] target = config.nextHop().getAddress();
    // IPv6 asks a group of those whose address ends in the same three bytes (RFC 2464, RFC 4291).
    final long group =
        config.isIpv6() ? 0x3333_ff00_0000L | (mac(target, 10) & 0xff_ffff) : BROADCAST;
    put(buffer, group);
    put(buffer, sourceMac);
    final @Nullable Integer vlan = config.vlan();
    if (vlan != null) {
      buffer.putShort((short) TYPE_VLAN).putShort((short) (int) vlan);
    }
    if (config.isIpv6()) {
      final int ip = solicitation(buffer, config, target, sourceMac);
      buffer.putShort(ip + IPV6_BYTES + 2, (short) ~sum(bytes, ip, buffer.position()));
    } else {
      buffer.putShort((short) TYPE_ARP).putLong(ARP_REQUEST);
      put(buffer, sourceMac);
      buffer.put(config.source().getAddress());
      put(buffer, 0);
      buffer.put(target);
    }
    return Arrays.copyOf(bytes, buffer.position());
  }

  /** Everything behind the MAC addresses and a tag, but the checksum; where the IP header is. */
  private static int solicitation(
      ByteBuffer buffer, CollectorConfig config, byte[] target, long sourceMac) {
    buffer.putShort((short) TYPE_IPV6);
    final int ip = buffer.position();
    buffer.putInt(0x6000_0000).putShort((short) (NEIGHBOUR_BYTES + 8));
    buffer.put((byte) ICMPV6).put((byte) HOP_LIMIT).put(config.source().getAddress());
    buffer.putLong(0xff02_0000_0000_0000L).putInt(1).put((byte) 0xff).put(target, 13, 3);
    buffer.put((byte) SOLICITATION).put((byte) 0).putShort((short) 0).putInt(0).put(target);
    buffer.put((byte) SOURCE_LINK_ADDRESS).put((byte) 1);
    put(buffer, sourceMac);
    return ip;
  }

  private static void put(ByteBuffer buffer, long mac) {
    buffer.putShort((short) (mac >>> 32)).putInt((int) mac);
  }

  /** The MAC address that a frame answers with, or {@link #NONE}. */
  static long answer(byte[] frame, CollectorConfig config, long sourceMac) {
    final int link = config.vlan() == null ? 14 : 18;
    if (frame.length < link || mac(frame, 0) != sourceMac) {
      return NONE;
    }
    final ByteBuffer buffer = ByteBuffer.wrap(frame);
    final @Nullable Integer vlan = config.vlan();
    if (vlan != null
        && ((buffer.getShort(12) & 0xffff) != TYPE_VLAN || (buffer.getShort(14) & 0xfff) != vlan)) {
      return NONE;
    }
    final int type = buffer.getShort(link - 2) & 0xffff;
    final long mac;
    if (config.isIpv6()) {
      mac = type == TYPE_IPV6 ? advertised(frame, link, config) : NONE;
    } else {
      mac = type == TYPE_ARP ? replied(frame, link, config, sourceMac) : NONE;
    }
    final boolean unicast = mac > 0 && ((mac >>> 40) & 1) == 0;
    return unicast ? mac : NONE;
  }

  private static long replied(byte[] bytes, int at, CollectorConfig config, long sourceMac) {
    return bytes.length - at >= ARP_BYTES
            && ByteBuffer.wrap(bytes).getLong(at) == ARP_REPLY
            && holds(bytes, at + 14, config.nextHop().getAddress())
            && mac(bytes, at + 18) == sourceMac
            && holds(bytes, at + 24, config.source().getAddress())
        ? mac(bytes, at + 8)
        : NONE;
  }

  private static long advertised(byte[] bytes, int ip, CollectorConfig config) {
    final int icmp = ip + IPV6_BYTES;
    if (bytes.length - icmp < NEIGHBOUR_BYTES) {
      return NONE;
    }
    final int end = icmp + (ByteBuffer.wrap(bytes).getShort(ip + 4) & 0xffff);
    if (end > bytes.length
        || end - icmp < NEIGHBOUR_BYTES
        || (bytes[ip + 6] & 0xff) != ICMPV6
        || (bytes[ip + 7] & 0xff) != HOP_LIMIT
        || !holds(bytes, ip + 24, config.source().getAddress())
        || (bytes[icmp] & 0xff) != ADVERTISEMENT
        || bytes[icmp + 1] != 0
        || !holds(bytes, icmp + 8, config.nextHop().getAddress())
        || sum(bytes, ip, end) != 0xffff) {
      return NONE;
    }
    for (int at = icmp + NEIGHBOUR_BYTES; end - at >= 8 && bytes[at + 1] != 0; ) {
      if (bytes[at] == TARGET_LINK_ADDRESS) {
        return mac(bytes, at + 2);
      }
      at += 8 * (bytes[at + 1] & 0xff);
    }
    // It may leave out what whoever asked it directly knows: the frame's sender.
    return mac(bytes, 6);
  }

  private static boolean holds(byte[] bytes, int at, byte[] address) {
    return Arrays.equals(bytes, at, at + address.length, address, 0, address.length);
  }

  /** The sum over an ICMPv6 message and its pseudo-header (RFC 8200, section 8.1), folded. */
  private static int sum(byte[] bytes, int ip, int end) {
    int sum = ICMPV6 + end - ip - IPV6_BYTES;
    for (int i = ip + 8; i < end; i++) {
      sum += (bytes[i] & 0xff) << (((i - ip) & 1) == 0 ? 8 : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return sum;
  }
}
