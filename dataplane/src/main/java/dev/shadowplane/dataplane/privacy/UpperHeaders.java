package dev.shadowplane.dataplane.privacy;

import static dev.shadowplane.dataplane.packet.TunnelHeader.GENEVE_PORT;
import static dev.shadowplane.dataplane.packet.TunnelHeader.VXLAN_PORT;

import dev.shadowplane.dataplane.pcap.LinkLayer;

/** What IP carries: transport, and packets within packets. */
final class UpperHeaders {
  /** No checksum of this length: it is not fragmented. */
  private static final int WHOLE = -1;

  private static final int ICMP = 1;
  private static final int IGMP = 2;
  private static final int IPV4 = 4;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int DCCP = 33;
  private static final int IPV6 = 41;
  private static final int GRE = 47;
  private static final int ESP = 50;
  private static final int AUTHENTICATION = 51;
  private static final int ICMPV6 = 58;
  private static final int SCTP = 132;
  private static final int UDP_LITE = 136;
  private static final int TCP_BYTES = 20;
  private static final int TCP_CHECKSUM = 16;
  private static final int UDP_BYTES = 8;
  private static final int UDP_CHECKSUM = 6;
  private static final int DCCP_BYTES = 12;
  private static final int ESP_BYTES = 8;
  private static final int SCTP_BYTES = 12;
  private static final int TUNNEL_BYTES = 8;
  private static final int OPTION_END = 0;
  private static final int OPTION_NOP = 1;
  private static final int OPTION_MULTIPATH = 30;
  private static final int GRE_CHECKSUM = 0x8000;
  private static final int GRE_ROUTING = 0x4000;
  private static final int GRE_KEY = 0x2000;
  private static final int GRE_SEQUENCE = 0x1000;
  private static final int GRE_VERSION = 7;
  private static final int TYPE_ERSPAN_2 = 0x88be;
  private static final int TYPE_ERSPAN_3 = 0x22eb;
  private static final int ERSPAN_2_BYTES = 8;
  private static final int ERSPAN_3_BYTES = 12;
  private static final int VXLAN_HAS_VNI = 0x08;

  private final FrameEdit edit;
  private final IpHeaders ip;
  private final LinkHeaders links;
  private final IcmpHeaders icmp;

  UpperHeaders(FrameEdit edit, IpHeaders ip, LinkHeaders links) {
    this.edit = edit;
    this.ip = ip;
    this.links = links;
    icmp = new IcmpHeaders(edit, ip);
  }

  /**
   * What a packet carries, unless it is a later fragment.
   *
   * @param protocol its number
   * @param at where it begins
   * @param end of the packet
   * @param pseudo what its checksum's pseudo-header has changed by
   * @param fragmented where the packet begins of which this is the first fragment, or -1
   * @param depth how many packets this one is in
   */
  void packet(int protocol, int at, int end, long pseudo, int fragmented, int depth) {
    switch (protocol) {
      case TCP -> tcp(at, end, pseudo);
      case UDP -> udp(at, end, pseudo, fragmented, depth);
      case UDP_LITE -> udpLite(at, end, pseudo);
      case DCCP -> dccp(at, end, pseudo);
      case ICMP -> icmp.icmp(at, end, fragmented != WHOLE, depth);
      case ICMPV6 -> icmp.icmpv6(at, end, pseudo, depth);
      case IGMP -> icmp.igmp(at, end);
      case IPV4 -> ip.ipv4(at, end, depth + 1);
      case IPV6 -> ip.ipv6(at, end, depth + 1);
      case GRE -> gre(at, end, depth);
      case AUTHENTICATION -> {
        final int length = end - at < 8 ? Integer.MAX_VALUE : (edit.u8(at + 1) + 2) * 4;
        if (length > end - at || depth > Anonymiser.MAX_DEPTH) {
          edit.erase(at, end);
        } else {
          packet(edit.u8(at), at + length, end, pseudo, fragmented, depth + 1);
        }
      }
      case ESP -> edit.payload(Math.min(end, at + ESP_BYTES), end);
      case SCTP -> edit.payload(Math.min(end, at + SCTP_BYTES), end);
      default -> edit.payload(at, end);
    }
  }

  private void tcp(int at, int end, long pseudo) {
    final long before = edit.changed();
    final int fixed = Math.min(end, at + TCP_BYTES);
    int header = fixed;
    if (end - at > TCP_BYTES) {
      header = Math.clamp(at + (edit.u8(at + 12) >>> 4) * 4L, fixed, end);
      tcpOptions(fixed, header);
    }
    edit.payload(header, end);
    if (end - at >= TCP_CHECKSUM + 2) {
      edit.updateChecksum(at + TCP_CHECKSUM, pseudo + edit.changed() - before);
    }
  }

  /** Of those without payload in them everything stays; that of several paths holds addresses. */
  private void tcpOptions(int from, int end) {
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
      // Beside segment size, window scale, selective acknowledgement and time stamps.
      if (type == OPTION_MULTIPATH || (type > 5 && type != 8 && !edit.keepsPayload())) {
        for (int i = at; i < at + length; i++) {
          edit.put8(i, OPTION_NOP);
        }
      }
      at += length;
    }
    edit.zero(at, end);
  }

  private void udp(int at, int end, long pseudo, int fragmented, int depth) {
    final long before = edit.changed();
    if (end - at < UDP_BYTES) {
      edit.payload(end, end);
      return;
    }
    final int claimed = edit.u16(at + 4);
    final int udpEnd = claimed < UDP_BYTES ? end : Math.min(end, at + claimed);
    final int start = at + UDP_BYTES;
    switch (edit.u16(at + 2)) {
      case VXLAN_PORT -> vxlan(start, udpEnd, depth);
      case GENEVE_PORT -> geneve(start, udpEnd, depth);
      default -> edit.payload(start, udpEnd);
    }
    if (edit.u16(at + UDP_CHECKSUM) != 0) {
      if (fragmented != WHOLE && edit.blanksPayload()) {
        computeOfFragments(at, udpEnd, fragmented, claimed);
      } else {
        edit.updateChecksum(at + UDP_CHECKSUM, pseudo + edit.changed() - before);
      }
    }
    edit.trailer(udpEnd, end);
  }

  /** The others are blanked: what they add is zero. */
  private void computeOfFragments(int at, int end, int packet, int udpLength) {
    final boolean ipv4 = edit.u8(packet) >>> 4 == 4;
    final int addresses = packet + (ipv4 ? 12 : 8);
    final long pseudo = edit.sum(addresses, addresses + (ipv4 ? 8 : 32)) + UDP + udpLength;
    edit.computeChecksum(at + UDP_CHECKSUM, at, end, pseudo);
  }

  /** Covers as much as its third field says, or all (RFC 3828). */
  private void udpLite(int at, int end, long pseudo) {
    if (end - at < UDP_BYTES) {
      edit.payload(end, end);
      return;
    }
    final int coverage = edit.u16(at + 4);
    covered(at, UDP_BYTES, coverage == 0 ? end : at + coverage, end, UDP_CHECKSUM, pseudo);
  }

  /** Covers its header and as many words of data as a field says, or all (RFC 4340, section 9). */
  private void dccp(int at, int end, long pseudo) {
    if (end - at < DCCP_BYTES) {
      edit.payload(end, end);
      return;
    }
    final int header = edit.u8(at + 4) * 4;
    final int coverage = edit.u8(at + 5) & 0x0f;
    final int covered = coverage == 0 ? end : at + header + (coverage - 1) * 4;
    covered(at, Math.max(header, DCCP_BYTES), covered, end, UDP_CHECKSUM, pseudo);
  }

  private void covered(int at, int header, int coverage, int end, int checksum, long pseudo) {
    final int start = Math.min(end, at + header);
    final int middle = Math.clamp(coverage, start, end);
    final long before = edit.changed();
    edit.trailer(start, middle);
    edit.updateChecksum(at + checksum, pseudo + edit.changed() - before);
    edit.payload(middle, end);
    edit.understood(start);
  }

  private void vxlan(int at, int end, int depth) {
    if (end - at < TUNNEL_BYTES || (edit.u8(at) & VXLAN_HAS_VNI) == 0) {
      edit.payload(at, end);
    } else {
      links.ethernet(at + TUNNEL_BYTES, end, depth + 1);
    }
  }

  private void geneve(int at, int end, int depth) {
    final int header = end - at < TUNNEL_BYTES ? 0 : TUNNEL_BYTES + (edit.u8(at) & 0x3f) * 4;
    if (header == 0 || header > end - at || edit.u8(at) >>> 6 != 0) {
      edit.payload(at, end);
      return;
    }
    final int type = edit.u16(at + 2);
    if (!edit.keepsPayload()) {
      edit.zero(at + TUNNEL_BYTES, at + header);
    }
    links.network(type, at + header, end, depth + 1);
  }

  /** Version 0 with checksum, key and sequence number (RFC 2784, RFC 2890), and ERSPAN in it. */
  private void gre(int at, int end, int depth) {
    if (end - at < 4) {
      edit.payload(at, end);
      return;
    }
    final int flags = edit.u16(at);
    final int header =
        4
            + ((flags & GRE_CHECKSUM) != 0 ? 4 : 0)
            + ((flags & GRE_KEY) != 0 ? 4 : 0)
            + ((flags & GRE_SEQUENCE) != 0 ? 4 : 0);
    if ((flags & (GRE_ROUTING | GRE_VERSION)) != 0 || header > end - at) {
      edit.erase(at + 4, end);
      return;
    }
    final long before = edit.changed();
    final int start = at + header;
    switch (edit.u16(at + 2)) {
      case TYPE_ERSPAN_2 ->
          mirrored(start, (flags & GRE_SEQUENCE) != 0 ? ERSPAN_2_BYTES : 0, end, depth);
      case TYPE_ERSPAN_3 -> {
        // The last bit of the header says that eight bytes of the platform's follow.
        final boolean more =
            end - start >= ERSPAN_3_BYTES && (edit.u8(start + ERSPAN_3_BYTES - 1) & 1) != 0;
        mirrored(start, ERSPAN_3_BYTES + (more ? 8 : 0), end, depth);
      }
      case LinkLayer.TYPE_IPV4 -> ip.ipv4(start, end, depth + 1);
      case LinkLayer.TYPE_IPV6 -> ip.ipv6(start, end, depth + 1);
      default -> links.network(edit.u16(at + 2), start, end, depth + 1);
    }
    if ((flags & GRE_CHECKSUM) != 0) {
      edit.updateChecksum(at + 4, edit.changed() - before);
    }
  }

  private void mirrored(int at, int header, int end, int depth) {
    if (end - at < header) {
      edit.erase(at, end);
    } else {
      links.ethernet(at + header, end, depth + 1);
    }
  }
}
