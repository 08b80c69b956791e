package dev.shadowplane.dataplane.privacy;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.pcap.LinkLayer;
import dev.shadowplane.dataplane.pcap.LinkType;
import org.agrona.MutableDirectBuffer;

/**
 * Makes frames anonymous in place.
 *
 * <p>Addresses are replaced in the headers of Ethernet, with any tags, MPLS, PPPoE and provider
 * backbone bridges, Linux cooked captures, ARP, IPv4 with its options, IPv6 with its extension
 * headers, IGMP, ICMP and ICMPv6 with the packets that they quote, neighbour discovery and listener
 * discovery, and in the packets that IP, GRE, ERSPAN, VXLAN (UDP port 4789) and Geneve (6081)
 * carry. Everything else is payload, which is kept, blanked or cut off; with payload kept,
 * addresses that other protocols write there are kept too.
 *
 * <p>Whatever is to become of payload, what may hold an address that cannot be replaced is blanked:
 * headers that are cut short within their addresses or contradict themselves, packets within more
 * than {@link #MAX_DEPTH} others, and frames of a link type that is not decoded.
 *
 * <p>Checksums of IPv4, TCP, UDP, UDP-Lite, DCCP, ICMP, ICMPv6, IGMP and GRE are updated by what
 * changes: right ones stay right, wrong ones stay wrong, also in frames that are cut short. The
 * first fragments of UDP and ICMP get those of the packet with all its fragments blanked; of TCP
 * and ICMPv6 in fragments that cannot be known, and with payload blanked they are wrong. The checks
 * of SCTP and of IPsec are left as they are.
 *
 * <p>No frame makes it fail. Allocates nothing a frame; belongs to one thread.
 */
public final class Anonymiser {
  /** The most packets within one another. */
  public static final int MAX_DEPTH = 8;

  private final FrameEdit edit;
  private final LinkHeaders links;

  /**
   * Reads the key.
   *
   * @param config what is to be done
   * @throws dev.shadowplane.dataplane.config.ConfigException when the key file is missing, holds no
   *     key, or can be read by everybody
   */
  public Anonymiser(Anonymisation config) {
    this(config, AnonymisationKey.read(config.keyFile()));
  }

  /**
   * Under a key in memory.
   *
   * @param config what is to be done; its key file is not read
   * @param key 32 bytes
   */
  public Anonymiser(Anonymisation config, byte[] key) {
    if (key.length != AnonymisationKey.BYTES) {
      throw new IllegalArgumentException(
          "a key of " + key.length + " bytes: give " + AnonymisationKey.BYTES);
    }
    edit = new FrameEdit(config, key);
    links = new LinkHeaders(edit);
  }

  /**
   * Makes a copy of a frame anonymous.
   *
   * @param frame holds it, and is written
   * @param offset of its first byte
   * @param length of what there is of it, which may be less than there was on the wire
   * @param linkType a LINKTYPE number
   * @return how many bytes of it to keep, at most {@code length}; less only when payload is dropped
   */
  public int apply(MutableDirectBuffer frame, int offset, int length, int linkType) {
    edit.begin(frame, offset);
    final int end = offset + length;
    final int headerBytes = LinkLayer.headerBytes(linkType);
    if (headerBytes == LinkLayer.NONE || length < headerBytes) {
      edit.erase(offset, end);
      return edit.kept(length);
    }
    switch (linkType) {
      case LinkType.ETHERNET -> links.ethernet(offset, end, 0);
      case LinkType.LINUX_SLL -> cooked(offset + 4, 2, offset + 6);
      case LinkType.LINUX_SLL2 -> cooked(offset + 11, 1, offset + 12);
      default -> edit.understood(offset + headerBytes);
    }
    if (linkType != LinkType.ETHERNET) {
      final int type = LinkLayer.etherType(frame, offset, length, linkType);
      if (type == LinkLayer.NONE && headerBytes == 0) {
        edit.erase(offset, end);
      } else {
        links.network(type, offset + headerBytes, end, 0);
      }
    }
    return edit.kept(length);
  }

  /** The address of a Linux cooked header: eight bytes, of which its length says how many count. */
  private void cooked(int lengthAt, int lengthBytes, int at) {
    switch (lengthBytes == 1 ? edit.u8(lengthAt) : edit.u16(lengthAt)) {
      case 4 -> edit.ipv4(at);
      case 6 -> {
        edit.mac(at);
        edit.zero(at + 6, at + 8);
      }
      default -> edit.zero(at, at + 8);
    }
  }
}
