package dev.shadowplane.dataplane.privacy;

/** IPv4 with its options (RFC 791), IPv6 with its extension headers (RFC 8200). */
final class IpHeaders {
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int ADDRESS_BYTES = 4;
  private static final int ADDRESS6_BYTES = 16;
  private static final int MAX_EXTENSIONS = 16;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int OPTION_END = 0;
  private static final int OPTION_NOP = 1;
  private static final int OPTION_RECORD_ROUTE = 7;
  private static final int OPTION_TIMESTAMP = 68;
  private static final int OPTION_LOOSE_ROUTE = 131;
  private static final int OPTION_STRICT_ROUTE = 137;
  private static final int OPTION_ROUTER_ALERT = 148;
  private static final int PAD_1 = 0;
  private static final int PAD_N = 1;
  private static final int TUNNEL_LIMIT = 4;
  private static final int ROUTER_ALERT = 5;
  private static final int JUMBO = 0xc2;
  private static final int HOME_ADDRESS = 0xc9;
  private static final int ROUTING_SOURCE = 0;
  private static final int ROUTING_HOME = 2;
  private static final int ROUTING_SEGMENTS = 4;

  private final FrameEdit edit;
  private final UpperHeaders upper;

  /** What the addresses that the pseudo-header has of an IPv6 packet change its sum by. */
  private long sourceChange;

  private long destinationChange;

  IpHeaders(FrameEdit edit, LinkHeaders links) {
    this.edit = edit;
    upper = new UpperHeaders(edit, this, links);
  }

  /** A packet, within {@code depth} others, and what follows it up to {@code end}. */
  void ipv4(int at, int end, int depth) {
    if (depth > Anonymiser.MAX_DEPTH || end - at < IPV4_BYTES || edit.u8(at) >>> 4 != 4) {
      edit.erase(at, end);
      return;
    }
    final int headerBytes = (edit.u8(at) & 0x0f) * 4;
    final int ipLength = edit.u16(at + 2);
    if (headerBytes < IPV4_BYTES || (ipLength != 0 && ipLength < headerBytes)) {
      edit.erase(at, end);
      return;
    }
    // A length of 0 is left to the NIC by a sender with segmentation offload.
    final int packetEnd = ipLength == 0 ? end : Math.min(end, at + ipLength);
    final int body = Math.min(at + headerBytes, packetEnd);
    final long before = edit.changed();
    edit.ipv4(at + 12);
    edit.ipv4(at + 16);
    final long pseudo = edit.changed() - before;
    options(at + IPV4_BYTES, body);
    edit.updateChecksum(at + 10, edit.changed() - before);
    final int fragment = edit.u16(at + 6);
    if ((fragment & 0x1fff) != 0) {
      edit.payload(body, packetEnd);
    } else {
      upper.packet(
          edit.u8(at + 9), body, packetEnd, pseudo, (fragment & 0x2000) != 0 ? at : -1, depth);
    }
    edit.trailer(packetEnd, end);
  }

  private void options(int from, int end) {
    int at = from;
    while (at < end && edit.u8(at) != OPTION_END) {
      final int type = edit.u8(at);
      if (type == OPTION_NOP) {
        at++;
        continue;
      }
      final int length = end - at < 2 ? 0 : edit.u8(at + 1);
      if (length < 2 || length > end - at) {
        break;
      }
      switch (type) {
        case OPTION_RECORD_ROUTE, OPTION_LOOSE_ROUTE, OPTION_STRICT_ROUTE ->
            addresses(at + 3, at + length, ADDRESS_BYTES);
        case OPTION_TIMESTAMP -> {
          if (length >= 4 && (edit.u8(at + 3) & 0x0f) != 0) {
            addresses(at + 4, at + length, 2 * ADDRESS_BYTES);
          }
        }
        case OPTION_ROUTER_ALERT -> {}
        default -> {
          if (!edit.keepsPayload()) {
            fill(at, at + length, OPTION_NOP);
          }
        }
      }
      at += length;
    }
    // Behind the end, or where an option contradicts itself.
    edit.zero(at, end);
  }

  private void addresses(int from, int end, int stride) {
    int at = from;
    for (; at + ADDRESS_BYTES <= end; at += stride) {
      edit.ipv4(at);
    }
    edit.zero(Math.min(at, end), end);
  }

  private void fill(int from, int end, int value) {
    for (int i = from; i < end; i++) {
      edit.put8(i, value);
    }
  }

  /** A packet, within {@code depth} others, and what follows it up to {@code end}. */
  void ipv6(int at, int end, int depth) {
    if (depth > Anonymiser.MAX_DEPTH || end - at < IPV6_BYTES || edit.u8(at) >>> 4 != 6) {
      edit.erase(at, end);
      return;
    }
    final int payloadBytes = edit.u16(at + 4);
    final int packetEnd = payloadBytes == 0 ? end : Math.min(end, at + IPV6_BYTES + payloadBytes);
    final long before = edit.changed();
    edit.ipv6(at + 8);
    sourceChange = edit.changed() - before;
    edit.ipv6(at + 24);
    destinationChange = edit.changed() - before - sourceChange;
    extensions(at, packetEnd, depth);
    edit.trailer(packetEnd, end);
  }

  private void extensions(int packet, int end, int depth) {
    int next = edit.u8(packet + 6);
    int at = packet + IPV6_BYTES;
    int fragmented = -1;
    for (int i = 0; i < MAX_EXTENSIONS; i++) {
      final int length = extensionBytes(next, at, end);
      if (length == 0) {
        upper.packet(next, at, end, sourceChange + destinationChange, fragmented, depth);
        return;
      }
      if (length > end - at) {
        break;
      }
      switch (next) {
        case HOP_BY_HOP, DESTINATION_OPTIONS -> options6(at + 2, at + length);
        case ROUTING -> routing(at, at + length);
        case FRAGMENT -> {
          final int fragment = edit.u16(at + 2);
          if ((fragment & 0xfff8) != 0) {
            edit.payload(at + length, end);
            return;
          }
          fragmented = (fragment & 1) != 0 ? packet : -1;
        }
        default -> {}
      }
      next = edit.u8(at);
      at += length;
    }
    edit.erase(at, end);
  }

  /** Length of an extension header, more than there is when it is cut short; 0 when it is none. */
  private int extensionBytes(int type, int at, int end) {
    return switch (type) {
      case HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS ->
          end - at < 8 ? Integer.MAX_VALUE : (edit.u8(at + 1) + 1) * 8;
      case AUTHENTICATION -> end - at < 8 ? Integer.MAX_VALUE : (edit.u8(at + 1) + 2) * 4;
      case FRAGMENT -> 8;
      default -> 0;
    };
  }

  private void options6(int from, int end) {
    int at = from;
    while (at < end) {
      final int type = edit.u8(at);
      if (type == PAD_1) {
        at++;
        continue;
      }
      final int length = end - at < 2 ? Integer.MAX_VALUE : 2 + edit.u8(at + 1);
      if (length > end - at) {
        break;
      }
      switch (type) {
        case TUNNEL_LIMIT, ROUTER_ALERT, JUMBO -> {}
        case HOME_ADDRESS -> homeAddress(at + 2, at + length);
        case PAD_N -> edit.zero(at + 2, at + length);
        default -> {
          if (!edit.keepsPayload()) {
            edit.put8(at, PAD_N);
            edit.zero(at + 2, at + length);
          }
        }
      }
      at += length;
    }
    edit.zero(at, end);
  }

  /** The address that upper layers take for the packet's source (RFC 6275, section 6.3). */
  private void homeAddress(int at, int end) {
    if (end - at < ADDRESS6_BYTES) {
      edit.zero(at, end);
      return;
    }
    final long before = edit.changed();
    edit.ipv6(at);
    sourceChange = edit.changed() - before;
    edit.zero(at + ADDRESS6_BYTES, end);
  }

  /** The last address on the way is the one in the pseudo-header (RFC 8200, section 8.1). */
  private void routing(int at, int end) {
    final int type = edit.u8(at + 2);
    final boolean segments = type == ROUTING_SEGMENTS;
    if (!segments && type != ROUTING_SOURCE && type != ROUTING_HOME) {
      edit.zero(at + 4, end);
      return;
    }
    final int room = (end - at - 8) / ADDRESS6_BYTES;
    final int count = segments ? Math.min(room, edit.u8(at + 4) + 1) : room;
    for (int i = 0; i < count; i++) {
      final long before = edit.changed();
      edit.ipv6(at + 8 + i * ADDRESS6_BYTES);
      // Segments are listed from the last on (RFC 8754).
      if (edit.u8(at + 3) != 0 && i == (segments ? 0 : count - 1)) {
        destinationChange = edit.changed() - before;
      }
    }
    final int rest = at + 8 + count * ADDRESS6_BYTES;
    if (!segments || !edit.keepsPayload()) {
      edit.zero(rest, end);
    }
  }
}
