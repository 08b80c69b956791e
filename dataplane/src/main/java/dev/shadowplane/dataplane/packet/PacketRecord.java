package dev.shadowplane.dataplane.packet;

/**
 * The layout of one packet's record: what the parser writes, the classifier reads, and the record
 * ring carries to analytics. {@link #SHORT_BYTES} for IPv4 and everything that is not IP, {@link
 * #LONG_BYTES} for IPv6. Ports, lengths, tags and addresses lie as on the wire (big-endian), so
 * that librte_acl reads the record itself.
 */
public final class PacketRecord {
  /** Length of an IPv4 or non-IP record. */
  public static final int SHORT_BYTES = 32;

  /** Length of an IPv6 record. */
  public static final int LONG_BYTES = 64;

  /** u8: {@link #KIND_OTHER}, {@link #KIND_IPV4} or {@link #KIND_IPV6}. */
  public static final int KIND = 0;

  /** u8: a set of {@code FLAG_} bits. The byte behind is 0. */
  public static final int FLAGS = 1;

  /** u8: the DS field of IPv4 or the traffic class of IPv6; 0 when not IP. */
  public static final int TOS = 3;

  /** u24, little-endian: length of the frame on the wire, without its check sequence. */
  public static final int FRAME_LENGTH = 4;

  /** u8: index of the port that received the frame. */
  public static final int INGRESS_PORT = 7;

  /** u16: length of the IP packet, header included. */
  public static final int IP_LENGTH = 8;

  /**
   * u16: the EtherType (or IEEE 802.3 length) of a {@link #KIND_OTHER} frame, in place of the IP
   * length.
   */
  public static final int ETHER_TYPE = 8;

  /** u16: TCI of the outermost VLAN tag, valid with {@link #FLAG_VLAN}; 0 without. */
  public static final int VLAN_TCI = 10;

  /** u16: TCI of the second VLAN tag, valid with {@link #FLAG_QINQ}; 0 without. */
  public static final int INNER_VLAN_TCI = 12;

  /** u8: the flags byte of TCP, 0 otherwise. */
  public static final int TCP_FLAGS = 14;

  /** u8: the upper-layer protocol, past any IPv6 extension headers; 0 when not IP. */
  public static final int PROTOCOL = 15;

  /** u16: source port; 0 where the protocol has none or for a fragment that is not the first. */
  public static final int SOURCE_PORT = 16;

  /** u16: destination port, as {@link #SOURCE_PORT}. */
  public static final int DESTINATION_PORT = 18;

  /**
   * u32, little-endian: the low half of the {@link FlowHash}; 0 when even the Ethernet header is
   * cut short.
   */
  public static final int FLOW_HASH = 20;

  /** Source address: 4 bytes, or 16 when {@link #KIND_IPV6}. */
  public static final int SOURCE_ADDRESS = 24;

  /** Destination address of an IPv4 packet, 4 bytes. */
  public static final int DESTINATION_ADDRESS_IPV4 = 28;

  /** Destination address of an IPv6 packet, 16 bytes. */
  public static final int DESTINATION_ADDRESS_IPV6 = 40;

  /** Neither IPv4 nor IPv6. */
  public static final int KIND_OTHER = 0;

  /** IPv4. */
  public static final int KIND_IPV4 = 4;

  /** IPv6. */
  public static final int KIND_IPV6 = 6;

  /**
   * A header is cut short, or contradicts itself or the length of the frame; what cannot be read is
   * 0.
   */
  public static final int FLAG_MALFORMED = 1;

  /** The first fragment of a datagram: it has ports. */
  public static final int FLAG_FIRST_FRAGMENT = 2;

  /** A later fragment: no ports. */
  public static final int FLAG_LATER_FRAGMENT = 4;

  /** At least one VLAN tag. */
  public static final int FLAG_VLAN = 8;

  /** At least two VLAN tags. */
  public static final int FLAG_QINQ = 16;

  /** The frame was captured too short to read all its headers; fields past them are 0. */
  public static final int FLAG_TRUNCATED = 32;

  /**
   * TCP or UDP, not a later fragment, whose ports cannot be read: they are 0 for want of better.
   */
  public static final int FLAG_PORTLESS = 64;

  private PacketRecord() {}

  /**
   * Length of a record by its kind.
   *
   * @param kind the byte at {@link #KIND}
   * @return {@link #LONG_BYTES} for IPv6, else {@link #SHORT_BYTES}
   */
  public static int lengthBytes(int kind) {
    return kind == KIND_IPV6 ? LONG_BYTES : SHORT_BYTES;
  }
}
