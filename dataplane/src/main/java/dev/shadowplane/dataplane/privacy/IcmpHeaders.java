package dev.shadowplane.dataplane.privacy;

/**
 * ICMP (RFC 792), ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861) and multicast listener
 * discovery (RFC 3810), and IGMP (RFC 3376).
 */
final class IcmpHeaders {
  private static final int HEADER_BYTES = 8;
  private static final int CHECKSUM = 2;
  private static final int ADDRESS_BYTES = 4;
  private static final int ADDRESS6_BYTES = 16;
  private static final int ECHO_REPLY = 0;
  private static final int ECHO = 8;
  private static final int ROUTER_ADVERTISEMENT = 9;
  private static final int REDIRECT = 5;
  private static final int TIMESTAMP = 13;
  private static final int TIMESTAMP_REPLY = 14;
  private static final int TIMESTAMP_BYTES = 20;
  private static final int LISTENER_QUERY = 130;
  private static final int ROUTER_SOLICITATION_6 = 133;
  private static final int ROUTER_ADVERTISEMENT_6 = 134;
  private static final int NEIGHBOUR_SOLICITATION = 135;
  private static final int NEIGHBOUR_ADVERTISEMENT = 136;
  private static final int REDIRECT_6 = 137;
  private static final int INVERSE_SOLICITATION = 141;
  private static final int INVERSE_ADVERTISEMENT = 142;
  private static final int LISTENER_REPORT_2 = 143;
  private static final int OPTION_SOURCE_LINK = 1;
  private static final int OPTION_TARGET_LINK = 2;
  private static final int OPTION_PREFIX = 3;
  private static final int OPTION_REDIRECTED = 4;
  private static final int OPTION_MTU = 5;
  private static final int OPTION_SOURCES = 9;
  private static final int OPTION_TARGETS = 10;
  private static final int OPTION_NONCE = 14;
  private static final int OPTION_ROUTE = 24;
  private static final int OPTION_RESOLVERS = 25;
  private static final int IGMP_QUERY = 0x11;
  private static final int IGMP_REPORT_3 = 0x22;

  private final FrameEdit edit;
  private final IpHeaders ip;

  IcmpHeaders(FrameEdit edit, IpHeaders ip) {
    this.edit = edit;
    this.ip = ip;
  }

  void icmp(int at, int end, boolean fragmented, int depth) {
    if (end - at < HEADER_BYTES) {
      edit.erase(at, end);
      return;
    }
    final long before = edit.changed();
    final int body = at + HEADER_BYTES;
    switch (edit.u8(at)) {
      case ECHO, ECHO_REPLY -> edit.payload(body, end);
      case 3, 4, 11, 12 -> quote(body, end, 4 * edit.u8(at + 5), 4, depth);
      case REDIRECT -> {
        edit.ipv4(at + 4);
        quote(body, end, 0, 4, depth);
      }
      case TIMESTAMP, TIMESTAMP_REPLY -> edit.payload(Math.min(end, at + TIMESTAMP_BYTES), end);
      case ROUTER_ADVERTISEMENT -> routers(at, end);
      default -> edit.payload(body, end);
    }
    if (fragmented && edit.blanksPayload()) {
      edit.computeChecksum(at + CHECKSUM, at, end, 0);
    } else {
      edit.updateChecksum(at + CHECKSUM, edit.changed() - before);
    }
  }

  /** The beginning of a packet, and behind its length extensions, which may hold addresses. */
  private void quote(int at, int end, int length, int version, int depth) {
    // Padded to 128 bytes where there are extensions (RFC 4884, section 5.1).
    final int quoteEnd = length < 128 ? end : Math.min(end, at + length);
    if (version == 4) {
      ip.ipv4(at, quoteEnd, depth + 1);
    } else {
      ip.ipv6(at, quoteEnd, depth + 1);
    }
    edit.zero(quoteEnd, end);
  }

  /** Addresses of routers, with the words that each takes (RFC 1256). */
  private void routers(int at, int end) {
    final int stride = Math.max(1, edit.u8(at + 5)) * 4;
    int next = at + HEADER_BYTES;
    for (int i = edit.u8(at + 4); i > 0 && end - next >= stride; i--) {
      edit.ipv4(next);
      next += stride;
    }
    edit.erase(next, end);
  }

  void icmpv6(int at, int end, long pseudo, int depth) {
    if (end - at < HEADER_BYTES) {
      edit.erase(at, end);
      return;
    }
    final long before = edit.changed();
    final int body = at + HEADER_BYTES;
    final int type = edit.u8(at);
    switch (type) {
      case 1, 2, 3, 4 ->
          quote(body, end, 8 * (type == 2 || type == 4 ? 0 : edit.u8(at + 4)), 6, depth);
      case LISTENER_QUERY, LISTENER_QUERY + 1, LISTENER_QUERY + 2 -> listener(at, end);
      case ROUTER_SOLICITATION_6 -> neighbour(body, body, end, depth);
      case ROUTER_ADVERTISEMENT_6 -> neighbour(at + 16, at + 16, end, depth);
      case NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT ->
          neighbour(body, body + ADDRESS6_BYTES, end, depth);
      case REDIRECT_6 -> neighbour(body, body + 2 * ADDRESS6_BYTES, end, depth);
      case INVERSE_SOLICITATION, INVERSE_ADVERTISEMENT -> neighbour(body, body, end, depth);
      case LISTENER_REPORT_2 -> records(at, end, ADDRESS6_BYTES);
      default -> edit.payload(body, end);
    }
    edit.updateChecksum(at + CHECKSUM, pseudo + edit.changed() - before);
  }

  /** Addresses from {@code from} to {@code options}, then the options of neighbour discovery. */
  private void neighbour(int from, int options, int end, int depth) {
    int at = from;
    for (; at < options && end - at >= ADDRESS6_BYTES; at += ADDRESS6_BYTES) {
      edit.ipv6(at);
    }
    if (at < options || end < options) {
      edit.erase(Math.min(at, end), end);
      return;
    }
    edit.understood(end);
    at = options;
    while (end - at >= 8) {
      final int length = edit.u8(at + 1) * 8;
      if (length == 0 || length > end - at) {
        break;
      }
      option(at, at + length, depth);
      at += length;
    }
    edit.understood(end);
    edit.zero(at, end);
  }

  private void option(int at, int end, int depth) {
    switch (edit.u8(at)) {
      case OPTION_SOURCE_LINK, OPTION_TARGET_LINK -> {
        edit.mac(at + 2);
        edit.zero(at + 8, end);
      }
      case OPTION_PREFIX -> prefix(at + 16, end, edit.u8(at + 2));
      case OPTION_ROUTE -> prefix(at + 8, end, edit.u8(at + 2));
      case OPTION_REDIRECTED -> ip.ipv6(at + 8, end, depth + 1);
      case OPTION_SOURCES, OPTION_TARGETS, OPTION_RESOLVERS -> addresses(at + 8, end);
      case OPTION_MTU, OPTION_NONCE -> {}
      default -> {
        if (!edit.keepsPayload()) {
          edit.zero(at + 2, end);
        }
      }
    }
  }

  private void prefix(int at, int end, int bits) {
    final int bytes = Math.clamp(end - at, 0, ADDRESS6_BYTES);
    if (bytes > 0) {
      edit.ipv6Prefix(at, bytes, bits);
      edit.zero(at + bytes, end);
    }
  }

  private void addresses(int from, int end) {
    int at = from;
    for (; end - at >= ADDRESS6_BYTES; at += ADDRESS6_BYTES) {
      edit.ipv6(at);
    }
    edit.zero(Math.min(at, end), end);
  }

  /** A group, and of a query of version 2 the sources behind it. */
  private void listener(int at, int end) {
    final int sources = at + 28;
    if (end - at < HEADER_BYTES + ADDRESS6_BYTES) {
      edit.erase(at + HEADER_BYTES, end);
      return;
    }
    edit.ipv6(at + HEADER_BYTES);
    if (edit.u8(at) == LISTENER_QUERY && end >= sources) {
      list(sources, edit.u16(at + 26), ADDRESS6_BYTES, end);
    } else {
      edit.erase(at + HEADER_BYTES + ADDRESS6_BYTES, end);
    }
  }

  void igmp(int at, int end) {
    if (end - at < HEADER_BYTES) {
      edit.erase(at, end);
      return;
    }
    final long before = edit.changed();
    if (edit.u8(at) == IGMP_REPORT_3) {
      records(at, end, ADDRESS_BYTES);
    } else {
      edit.ipv4(at + 4);
      if (edit.u8(at) == IGMP_QUERY && end - at >= 12) {
        list(at + 12, edit.u16(at + 10), ADDRESS_BYTES, end);
      } else {
        edit.erase(at + HEADER_BYTES, end);
      }
    }
    edit.updateChecksum(at + CHECKSUM, edit.changed() - before);
  }

  private void list(int from, int count, int bytes, int end) {
    edit.erase(replace(from, count, bytes, end), end);
  }

  /** Groups and their sources, of a report of either protocol. */
  private void records(int report, int end, int bytes) {
    int at = report + HEADER_BYTES;
    for (int i = edit.u16(report + 6); i > 0 && end - at >= 4 + bytes; i--) {
      final int words = edit.u8(at + 1);
      final int sources = edit.u16(at + 2);
      final int next = replace(at + 4, sources + 1, bytes, end);
      final int auxiliary = Math.min(end, next + 4 * words);
      edit.zero(next, auxiliary);
      at = auxiliary;
    }
    edit.erase(Math.min(at, end), end);
  }

  /** Replaces so many addresses, and returns where they end. */
  private int replace(int from, int count, int bytes, int end) {
    int at = from;
    for (int i = 0; i < count && end - at >= bytes; i++) {
      if (bytes == ADDRESS_BYTES) {
        edit.ipv4(at);
      } else {
        edit.ipv6(at);
      }
      at += bytes;
    }
    return at;
  }
}
