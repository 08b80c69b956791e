package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.putLong;

import dev.shadowplane.dataplane.packet.PacketRecord;

/**
 * The key of the record being taken, as the packet's sender has it: addresses and a tail of ports,
 * VLAN id, protocol and IP version, laid out as {@link FlowEntry#TAIL}. What is written here of
 * tails is all there is to know of them elsewhere.
 */
final class FlowKey {
  private static final long WITHOUT_PORTS = 0xffff_ffff_0000_0000L;
  private static final int VLAN_ID = 0xfff;

  private final boolean ipv6;
  private long source;
  private long sourceLow;
  private long destination;
  private long destinationLow;
  private long addresses;
  private long tail;
  private long answerTail;

  /**
   * A key of one IP version.
   *
   * @param ipv6 of IPv6 records, else of IPv4 ones
   */
  FlowKey(boolean ipv6) {
    this.ipv6 = ipv6;
  }

  /**
   * The tail of an IP packet.
   *
   * @param head the first word of its record
   * @param upper the word at {@link PacketRecord#IP_LENGTH}
   * @param ports its ports as on the wire, the source port in the low 16 bits
   * @return the tail
   */
  static long tail(long head, long upper, int ports) {
    final long vlan = Short.reverseBytes((short) (upper >>> 16)) & VLAN_ID;
    return (ports & 0xffff_ffffL) | vlan << 32 | upper >>> 56 << 48 | head << 56;
  }

  static int ports(long tail) {
    return (int) tail;
  }

  static long withPorts(long tail, int ports) {
    return (tail & WITHOUT_PORTS) | (ports & 0xffff_ffffL);
  }

  static int vlan(long tail) {
    return (int) (tail >>> 32) & 0xffff;
  }

  static int protocol(long tail) {
    return (int) (tail >>> 48) & 0xff;
  }

  static int kind(long tail) {
    return (int) (tail >>> 56);
  }

  /**
   * Reads the key of a packet.
   *
   * @param record address of its record, of this key's version
   * @param tail its tail
   */
  void load(long record, long tail) {
    this.tail = tail;
    answerTail = swapPorts(tail);
    if (ipv6) {
      source = getLong(record + PacketRecord.SOURCE_ADDRESS);
      sourceLow = getLong(record + PacketRecord.SOURCE_ADDRESS + Long.BYTES);
      destination = getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6);
      destinationLow = getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6 + Long.BYTES);
    } else {
      addresses = getLong(record + PacketRecord.SOURCE_ADDRESS);
    }
  }

  /**
   * Compares with an entry.
   *
   * @param entry its address
   * @return 0 when the packet goes as the entry's initiator sent, 1 when it answers, -1 when it is
   *     of another flow
   */
  int direction(long entry) {
    final long entryTail = getLong(entry + FlowEntry.TAIL);
    long sent = entryTail ^ tail;
    long answered = entryTail ^ answerTail;
    final long first = getLong(entry + FlowEntry.ADDRESSES);
    if (ipv6) {
      final long second = getLong(entry + FlowEntry.ADDRESSES + 8);
      final long third = getLong(entry + FlowEntry.ADDRESSES + 16);
      final long fourth = getLong(entry + FlowEntry.ADDRESSES + 24);
      sent |=
          (first ^ source)
              | (second ^ sourceLow)
              | (third ^ destination)
              | (fourth ^ destinationLow);
      answered |=
          (first ^ destination)
              | (second ^ destinationLow)
              | (third ^ source)
              | (fourth ^ sourceLow);
    } else {
      sent |= first ^ addresses;
      answered |= first ^ Long.rotateLeft(addresses, Integer.SIZE);
    }
    // No branch on the direction, which changes with every packet and cannot be predicted.
    final int differs = isNotZero(sent);
    return (differs & isNotZero(answered)) == 0 ? differs : -1;
  }

  /**
   * Writes the key.
   *
   * @param entry address of the entry
   * @param answer whether the packet's receiver is the initiator
   */
  void store(long entry, boolean answer) {
    putLong(entry + FlowEntry.TAIL, answer ? answerTail : tail);
    if (ipv6) {
      putLong(entry + FlowEntry.ADDRESSES, answer ? destination : source);
      putLong(entry + FlowEntry.ADDRESSES + 8, answer ? destinationLow : sourceLow);
      putLong(entry + FlowEntry.ADDRESSES + 16, answer ? source : destination);
      putLong(entry + FlowEntry.ADDRESSES + 24, answer ? sourceLow : destinationLow);
    } else {
      putLong(
          entry + FlowEntry.ADDRESSES,
          answer ? Long.rotateLeft(addresses, Integer.SIZE) : addresses);
    }
  }

  private static int isNotZero(long value) {
    return (int) ((value | -value) >>> 63);
  }

  private static long swapPorts(long tail) {
    return (tail & WITHOUT_PORTS) | (tail & 0xffff) << 16 | (tail >>> 16 & 0xffff);
  }
}
