package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putShort;

/**
 * The layout of one packet's record: what the parser writes, the classifier reads, and the record
 * ring carries to analytics. A lean record has {@link #SHORT_BYTES} for IPv4 and everything that is
 * not IP, {@link #LONG_BYTES} for IPv6; a full one, marked by {@link #FLAG_FULL}, is followed by a
 * {@link RecordExtension}.
 *
 * <p>What comes from the packet lies as on the wire, big-endian, at fixed places: the parser copies
 * without converting, and librte_acl reads the record itself, as it wants its input in network
 * order. What is ours is little-endian.
 */
public final class PacketRecord {
  /** Length of an IPv4 or non-IP record. */
  public static final int SHORT_BYTES = 32;

  /** Length of an IPv6 record. */
  public static final int LONG_BYTES = 64;

  /** u8: {@link #KIND_OTHER}, {@link #KIND_IPV4} or {@link #KIND_IPV6}. */
  public static final int KIND = 0;

  /** u8: a set of {@code FLAG_} bits. */
  public static final int FLAGS = 1;

  /** u8: index of the port that received the frame. */
  public static final int INGRESS_PORT = 2;

  /** u8: the DS field and ECN of IPv4, the traffic class of IPv6; 0 when not IP. */
  public static final int TRAFFIC_CLASS = 3;

  /**
   * u32: length of the frame on the wire, without its check sequence; of an IPv4 fragment u16,
   * 65,535 for all that is longer. {@link #frameLength} reads either.
   */
  public static final int FRAME_LENGTH = 4;

  /** u16, as on the wire: identification of the datagram that an IPv4 fragment is of. */
  public static final int FRAGMENT_ID_IPV4 = 6;

  /** u16, as on the wire: length of the IP packet, header included. */
  public static final int IP_LENGTH = 8;

  /**
   * u16, as on the wire: the EtherType (or IEEE 802.3 length) of a {@link #KIND_OTHER} frame, in
   * place of the IP length.
   */
  public static final int ETHER_TYPE = 8;

  /** u16, as on the wire: TCI of the outermost VLAN tag; 0 without {@link #FLAG_VLAN}. */
  public static final int VLAN_TCI = 10;

  /** u16, as on the wire: TCI of the second VLAN tag; 0 without {@link #FLAG_QINQ}. */
  public static final int INNER_VLAN_TCI = 12;

  /** u8: the flags byte of TCP, 0 otherwise. */
  public static final int TCP_FLAGS = 14;

  /** u8: the upper-layer protocol, past any IPv6 extension headers; 0 when not IP. */
  public static final int PROTOCOL = 15;

  /**
   * u16, as on the wire: source port; 0 where the protocol has none or for a fragment that is not
   * the first.
   */
  public static final int SOURCE_PORT = 16;

  /** u16, as on the wire: destination port, as {@link #SOURCE_PORT}. */
  public static final int DESTINATION_PORT = 18;

  /** u32: the {@link FlowHash}; 0 when even the Ethernet header is cut short. */
  public static final int FLOW_HASH = 20;

  /** Source address: 4 bytes, or 16 when {@link #KIND_IPV6}. */
  public static final int SOURCE_ADDRESS = 24;

  /** Destination address of an IPv4 packet, 4 bytes. */
  public static final int DESTINATION_ADDRESS_IPV4 = 28;

  /** Destination address of an IPv6 packet, 16 bytes. */
  public static final int DESTINATION_ADDRESS_IPV6 = 40;

  /** u32, as on the wire: identification of the datagram that an IPv6 fragment is of; 0 without. */
  public static final int FRAGMENT_ID_IPV6 = 56;

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

  /** A {@link RecordExtension} follows. */
  public static final int FLAG_FULL = 128;

  private static final int FRAGMENT = FLAG_FIRST_FRAGMENT | FLAG_LATER_FRAGMENT;
  private static final int MAX_FRAGMENT_BYTES = 0xffff;

  private PacketRecord() {}

  /**
   * Length of a lean record by its kind, which is where the extension of a full one begins.
   *
   * @param kind the byte at {@link #KIND}
   * @return {@link #LONG_BYTES} for IPv6, else {@link #SHORT_BYTES}
   */
  public static int lengthBytes(int kind) {
    return kind == KIND_IPV6 ? LONG_BYTES : SHORT_BYTES;
  }

  /**
   * Length of a record, its extension included.
   *
   * @param head its first two bytes as loaded in host order: kind and flags
   * @return how far behind it the next one begins
   */
  public static int totalBytes(int head) {
    return lengthBytes(head & 0xff)
        + ((head >>> Byte.SIZE & FLAG_FULL) != 0 ? RecordExtension.BYTES : 0);
  }

  /**
   * Length of a frame.
   *
   * @param head the first four bytes of its record as loaded in host order
   * @param length the four bytes at {@link #FRAME_LENGTH} likewise
   * @return without the check sequence, 0 to 2^32 - 1
   */
  public static long frameLength(int head, int length) {
    final boolean shared = (head & 0xff) == KIND_IPV4 && (head >>> Byte.SIZE & FRAGMENT) != 0;
    return length & (shared ? 0xffffL : 0xffff_ffffL);
  }

  /**
   * Writes the length of a frame so that {@link #frameLength} finds it.
   *
   * @param record a record whose kind is written
   * @param flags what its flags are or will be
   * @param length in bytes
   */
  public static void putFrameLength(long record, int flags, int length) {
    if (getUnsignedByte(record + KIND) == KIND_IPV4 && (flags & FRAGMENT) != 0) {
      putShort(record + FRAME_LENGTH, Math.min(length, MAX_FRAGMENT_BYTES));
    } else {
      putInt(record + FRAME_LENGTH, length);
    }
  }

  /**
   * A 16-bit field of the wire as a number.
   *
   * @param raw as loaded in host order
   * @return 0 to 65,535
   */
  public static int number(int raw) {
    return Integer.reverseBytes(raw) >>> Short.SIZE;
  }
}
