package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.putLong;

import dev.shadowplane.dataplane.packet.PacketRecord;

/** The key of the record being taken, as the packet's sender has it. */
final class FlowKey {
  private static final int FRAGMENT =
      PacketRecord.FLAG_FIRST_FRAGMENT | PacketRecord.FLAG_LATER_FRAGMENT;
  private static final int VLAN_HASH = 0x9E3779B1;

  private long sourceHigh;
  private long sourceLow;
  private long destinationHigh;
  private long destinationLow;
  private long tail;

  /**
   * Reads the key of an IP packet.
   *
   * @param record address of its record
   * @param head the first 8 bytes of the record
   * @param middle the 8 bytes behind
   * @return its hash, the same for both directions
   */
  int load(long record, long head, long middle) {
    final long kind = head & 0xff;
    final long protocol = middle >>> 56;
    if (kind == PacketRecord.KIND_IPV4) {
      final long addresses = getLong(record + PacketRecord.SOURCE_ADDRESS);
      sourceHigh = addresses & 0xffff_ffffL;
      destinationHigh = addresses >>> 32;
      sourceLow = 0;
      destinationLow = 0;
    } else {
      sourceHigh = getLong(record + PacketRecord.SOURCE_ADDRESS);
      sourceLow = getLong(record + PacketRecord.SOURCE_ADDRESS + Long.BYTES);
      destinationHigh = getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6);
      destinationLow = getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6 + Long.BYTES);
    }
    final long ports =
        ((head >>> 8) & FRAGMENT) == 0
            ? Integer.toUnsignedLong(
                Integer.rotateLeft(
                    Integer.reverseBytes(getInt(record + PacketRecord.SOURCE_PORT)), Short.SIZE))
            : 0;
    tail = ports | (long) vlan(middle) << 32 | protocol << 48 | kind << 56;
    return hash(record, middle);
  }

  /**
   * The hash of a record's key alone.
   *
   * @param record its address
   * @param middle its second 8 bytes
   * @return what {@link #load} returns
   */
  static int hash(long record, long middle) {
    return getInt(record + PacketRecord.FLOW_HASH) ^ vlan(middle) * VLAN_HASH;
  }

  /**
   * Compares with an entry.
   *
   * @param entry its address
   * @return 0 when the packet goes as the entry's initiator sent, 1 when it answers, -1 when it is
   *     of another flow
   */
  int direction(long entry) {
    final long high = getLong(entry + FlowEntry.SOURCE_ADDRESS);
    final long low = getLong(entry + FlowEntry.SOURCE_ADDRESS + Long.BYTES);
    final long otherHigh = getLong(entry + FlowEntry.DESTINATION_ADDRESS);
    final long otherLow = getLong(entry + FlowEntry.DESTINATION_ADDRESS + Long.BYTES);
    final long entryTail = getLong(entry + FlowEntry.TAIL);
    final int sent =
        isNotZero(
            (high ^ sourceHigh)
                | (low ^ sourceLow)
                | (otherHigh ^ destinationHigh)
                | (otherLow ^ destinationLow)
                | (entryTail ^ tail));
    final int answered =
        isNotZero(
            (high ^ destinationHigh)
                | (low ^ destinationLow)
                | (otherHigh ^ sourceHigh)
                | (otherLow ^ sourceLow)
                | (entryTail ^ swapPorts(tail)));
    // No branch on the direction, which changes with every packet and cannot be predicted.
    return (sent & answered) == 0 ? sent : -1;
  }

  /**
   * Writes the key.
   *
   * @param entry address of the entry
   * @param answer whether the packet's receiver is the initiator
   */
  void store(long entry, boolean answer) {
    putLong(entry + FlowEntry.SOURCE_ADDRESS, answer ? destinationHigh : sourceHigh);
    putLong(entry + FlowEntry.SOURCE_ADDRESS + Long.BYTES, answer ? destinationLow : sourceLow);
    putLong(entry + FlowEntry.DESTINATION_ADDRESS, answer ? sourceHigh : destinationHigh);
    putLong(
        entry + FlowEntry.DESTINATION_ADDRESS + Long.BYTES, answer ? sourceLow : destinationLow);
    putLong(entry + FlowEntry.TAIL, answer ? swapPorts(tail) : tail);
  }

  private static int isNotZero(long value) {
    return (int) ((value | -value) >>> 63);
  }

  private static int vlan(long middle) {
    return Short.reverseBytes((short) (middle >>> 16)) & 0xfff;
  }

  private static long swapPorts(long tail) {
    return (tail & 0xffff_ffff_0000_0000L) | (tail & 0xffff) << 16 | (tail >>> 16 & 0xffff);
  }
}
