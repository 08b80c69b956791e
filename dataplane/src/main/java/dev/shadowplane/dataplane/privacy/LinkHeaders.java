package dev.shadowplane.dataplane.privacy;

import static dev.shadowplane.dataplane.pcap.LinkLayer.TYPE_IPV4;
import static dev.shadowplane.dataplane.pcap.LinkLayer.TYPE_IPV6;

/** Ethernet and what may stand between it and IP. */
final class LinkHeaders {
  private static final int MAC_BYTES = 6;
  private static final int ETHERNET_BYTES = 14;
  private static final int TAG_BYTES = 4;
  private static final int ARP_BYTES = 28;
  private static final int PPPOE_BYTES = 8;
  private static final int TYPE_ARP = 0x0806;
  private static final int TYPE_RARP = 0x8035;
  private static final int TYPE_MPLS = 0x8847;
  private static final int TYPE_MPLS_MULTICAST = 0x8848;
  private static final int TYPE_PPPOE = 0x8864;
  private static final int TYPE_BACKBONE = 0x88e7;
  private static final int TYPE_BRIDGED = 0x6558;
  private static final int SNAP = 0xaaaa;
  private static final int MAX_802_3 = 0x600;
  private static final int MPLS_BOTTOM = 0x100;
  private static final int PPP_IPV4 = 0x0021;
  private static final int PPP_IPV6 = 0x0057;

  private final FrameEdit edit;
  private final IpHeaders ip;

  LinkHeaders(FrameEdit edit) {
    this.edit = edit;
    ip = new IpHeaders(edit, this);
  }

  /** A frame, within {@code depth} others. */
  void ethernet(int at, int end, int depth) {
    if (depth > Anonymiser.MAX_DEPTH || end - at < ETHERNET_BYTES) {
      edit.erase(at, end);
      return;
    }
    edit.mac(at);
    edit.mac(at + MAC_BYTES);
    int type = edit.u16(at + 2 * MAC_BYTES);
    int next = at + ETHERNET_BYTES;
    while (isTag(type) && end - next >= TAG_BYTES) {
      type = edit.u16(next + 2);
      next += TAG_BYTES;
    }
    if (type >= MAX_802_3) {
      network(type, next, end, depth);
      return;
    }
    final int llcEnd = Math.min(end, next + type);
    if (llcEnd - next >= 8
        && edit.u16(next) == SNAP
        && edit.u16(next + 2) == 0x0300
        && edit.u16(next + 4) == 0) {
      network(edit.u16(next + 6), next + 8, llcEnd, depth);
    } else {
      edit.payload(next, llcEnd);
    }
    edit.trailer(llcEnd, end);
  }

  private static boolean isTag(int type) {
    return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
  }

  /** What an EtherType says; anything but one of those known is payload. */
  void network(int type, int at, int end, int depth) {
    switch (type) {
      case TYPE_IPV4 -> ip.ipv4(at, end, depth);
      case TYPE_IPV6 -> ip.ipv6(at, end, depth);
      case TYPE_ARP, TYPE_RARP -> arp(at, end);
      case TYPE_MPLS, TYPE_MPLS_MULTICAST -> mpls(at, end, depth);
      case TYPE_PPPOE -> pppoe(at, end, depth);
      case TYPE_BACKBONE -> {
        if (end - at < TAG_BYTES) {
          edit.erase(at, end);
        } else {
          ethernet(at + TAG_BYTES, end, depth + 1);
        }
      }
      case TYPE_BRIDGED -> ethernet(at, end, depth + 1);
      default -> edit.payload(at, end);
    }
  }

  private void arp(int at, int end) {
    if (end - at < ARP_BYTES
        || edit.u16(at + 2) != TYPE_IPV4
        || edit.u16(at + 4) != (MAC_BYTES << 8 | 4)) {
      edit.erase(at, end);
      return;
    }
    edit.mac(at + 8);
    edit.ipv4(at + 14);
    edit.mac(at + 18);
    edit.ipv4(at + 24);
    edit.payload(at + ARP_BYTES, end);
  }

  /** Labels down to the last (RFC 3032), then what its first half byte suggests. */
  private void mpls(int at, int end, int depth) {
    int next = at;
    boolean bottom = false;
    while (!bottom && end - next >= TAG_BYTES) {
      bottom = (edit.u16(next + 2) & MPLS_BOTTOM) != 0;
      next += TAG_BYTES;
    }
    final int version = bottom && next < end ? edit.u8(next) >>> 4 : 0;
    switch (version) {
      case 4 -> ip.ipv4(next, end, depth);
      case 6 -> ip.ipv6(next, end, depth);
      // A pseudowire, perhaps of Ethernet: its control word does not tell.
      default -> edit.erase(next, end);
    }
  }

  private void pppoe(int at, int end, int depth) {
    if (end - at < PPPOE_BYTES) {
      edit.payload(at, end);
      return;
    }
    final int packetEnd = Math.min(end, at + 6 + Math.max(2, edit.u16(at + 4)));
    switch (edit.u16(at + 6)) {
      case PPP_IPV4 -> ip.ipv4(at + PPPOE_BYTES, packetEnd, depth);
      case PPP_IPV6 -> ip.ipv6(at + PPPOE_BYTES, packetEnd, depth);
      default -> edit.payload(at + PPPOE_BYTES, packetEnd);
    }
    edit.trailer(packetEnd, end);
  }
}
