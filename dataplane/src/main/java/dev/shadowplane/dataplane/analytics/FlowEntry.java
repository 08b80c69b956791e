package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedShort;
import static dev.shadowplane.dataplane.analytics.RawMemory.putByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.putInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.putLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.putShort;

/**
 * The layout of one flow in the table: first what only the sweep reads, then what every packet
 * reads and changes, then the key, whose length alone depends on the IP version.
 *
 * <p>Direction 0 is what the initiator sent, 1 the answers. An entry whose flow was cut stays, with
 * no packets, so that the next one is counted in the same direction. Counters never wrap: a flow is
 * {@link #isFull} long before, and then cut.
 */
final class FlowEntry {
  static final int IPV4_BYTES = 112;
  static final int IPV6_BYTES = 136;

  /** What changes were told of last: u32 packets a direction, then u48 frame bytes a direction. */
  static final int TOLD_PACKETS = 0;

  static final int TOLD_BYTES = 8;

  static final int HASH = 20;

  /** Number of the flow's {@link FlowExtension}, from 1, 0 without; of the next free entry. */
  static final int EXTENSION = 24;

  /** Two bytes, one a direction. */
  static final int TCP_FLAGS = 28;

  /** A bit for each direction that sent FIN, both for RST. Outlives a cut. */
  static final int CLOSING = 30;

  /** u8: {@link #TOLD} and {@link #UNMEASURED}. */
  static final int STATE = 31;

  /** i64, here and {@link #DIRECTION_BYTES} on; {@link Long#MAX_VALUE} without packets. */
  static final int FIRST_NS = 32;

  /** i64; {@link Long#MIN_VALUE} before the first packet; outlives a cut. */
  static final int LAST_NS = 40;

  /** u48 frame bytes, above them the lower 16 bits of the number of packets. */
  static final int FRAME_BYTES = 48;

  /** u48 IP bytes, above them the upper 16 bits of the number of packets. */
  static final int IP_BYTES = 56;

  static final int DIRECTION_BYTES = 32;

  /** u16 source port, u16 destination port, u16 VLAN id (0 without), u8 protocol, u8 kind. */
  static final int TAIL = 96;

  static final int VLAN = 100;
  static final int PROTOCOL = 102;

  /** 4, 6, or 0 while the entry is free. */
  static final int KIND = 103;

  /** Source address, then destination address: 4 or 16 bytes each. */
  static final int ADDRESSES = 104;

  /** Changes have been told of since the last cut. */
  static final int TOLD = 1;

  /** It has been counted among those that found no extension. */
  static final int UNMEASURED = 2;

  private static final int FIN = 0x01;
  private static final int RST = 0x04;
  private static final int TCP = 6;
  private static final int BOTH = 3;
  private static final long ONE_PACKET = 1L << 48;
  private static final long BYTES_MASK = ONE_PACKET - 1;
  private static final long MANY_BYTES = 1L << 47;

  private FlowEntry() {}

  /** Makes an entry that has counted nothing, as new or after a cut. */
  static void reset(long entry) {
    putLong(entry + TOLD_PACKETS, 0);
    putLong(entry + TOLD_BYTES, 0);
    putInt(entry + TOLD_BYTES + Long.BYTES, 0);
    putShort(entry + TCP_FLAGS, 0);
    putByte(entry + STATE, 0);
    for (int direction = 0; direction < 2; direction++) {
      final long half = half(entry, direction);
      putLong(half + FIRST_NS, Long.MAX_VALUE);
      putLong(half + FRAME_BYTES, 0);
      putLong(half + IP_BYTES, 0);
    }
  }

  /** Forgets what outlives a cut, so that the entry holds another flow. */
  static void forget(long entry) {
    putInt(entry + EXTENSION, 0);
    putByte(entry + CLOSING, 0);
    putLong(entry + LAST_NS, Long.MIN_VALUE);
    putLong(entry + LAST_NS + DIRECTION_BYTES, Long.MIN_VALUE);
  }

  /**
   * Counts a packet in an entry that is not {@link #isFull full}.
   *
   * @param entry address of the entry
   * @param direction 0 or 1
   * @param timestampNs its time
   * @param frameBytes its frame's length, below 2^32
   * @param ipBytes its length, below 2^16
   * @param tcpFlags 0 when not TCP
   */
  static void count(
      long entry, int direction, long timestampNs, long frameBytes, int ipBytes, int tcpFlags) {
    final long half = half(entry, direction);
    final long frame = getLong(half + FRAME_BYTES) + ONE_PACKET + frameBytes;
    final long carry = frame >>> 48 == 0 ? ONE_PACKET : 0;
    putLong(half + FRAME_BYTES, frame);
    putLong(half + IP_BYTES, getLong(half + IP_BYTES) + carry + ipBytes);
    final long first = getLong(half + FIRST_NS);
    putLong(
        half + LAST_NS,
        first == Long.MAX_VALUE ? timestampNs : Math.max(timestampNs, getLong(half + LAST_NS)));
    putLong(half + FIRST_NS, Math.min(first, timestampNs));
    if (tcpFlags != 0 && getUnsignedByte(entry + PROTOCOL) == TCP) {
      final long flagsAt = entry + TCP_FLAGS + direction;
      putByte(flagsAt, getUnsignedByte(flagsAt) | tcpFlags);
      if ((tcpFlags & (FIN | RST)) != 0) {
        final int closing = (tcpFlags & RST) != 0 ? BOTH : 1 << direction;
        putByte(entry + CLOSING, getUnsignedByte(entry + CLOSING) | closing);
      }
    }
  }

  /** Whether a direction has 2^31 packets or 2^47 bytes, so that its flow is to be cut. */
  static boolean isFull(long entry, int direction) {
    final long half = half(entry, direction);
    final long ip = getLong(half + IP_BYTES);
    return ((getLong(half + FRAME_BYTES) | ip) & MANY_BYTES) != 0 || ip < 0;
  }

  static long packets(long entry, int direction) {
    final long half = half(entry, direction);
    return getLong(half + FRAME_BYTES) >>> 48 | getLong(half + IP_BYTES) >>> 48 << 16;
  }

  static long frameBytes(long entry, int direction) {
    return getLong(half(entry, direction) + FRAME_BYTES) & BYTES_MASK;
  }

  static long ipBytes(long entry, int direction) {
    return getLong(half(entry, direction) + IP_BYTES) & BYTES_MASK;
  }

  /** Packets since the last call of {@link #tell}. */
  static long untoldPackets(long entry, int direction) {
    return packets(entry, direction)
        - Integer.toUnsignedLong(getInt(entry + TOLD_PACKETS + (long) direction * Integer.BYTES));
  }

  /** Frame bytes since the last call of {@link #tell}. */
  static long untoldBytes(long entry, int direction) {
    final long at = entry + TOLD_BYTES + direction * 6L;
    return frameBytes(entry, direction)
        - (Integer.toUnsignedLong(getInt(at))
            | (long) getUnsignedShort(at + Integer.BYTES) << Integer.SIZE);
  }

  /** Takes what it has counted so far for told. */
  static void tell(long entry) {
    for (int direction = 0; direction < 2; direction++) {
      putInt(
          entry + TOLD_PACKETS + (long) direction * Integer.BYTES, (int) packets(entry, direction));
      final long bytes = frameBytes(entry, direction);
      final long at = entry + TOLD_BYTES + direction * 6L;
      putInt(at, (int) bytes);
      putShort(at + Integer.BYTES, (int) (bytes >>> Integer.SIZE));
    }
    putByte(entry + STATE, getUnsignedByte(entry + STATE) | TOLD);
  }

  static boolean isFree(long entry) {
    return getUnsignedByte(entry + KIND) == 0;
  }

  static boolean isClosed(long entry) {
    return getUnsignedByte(entry + CLOSING) == BOTH;
  }

  static boolean hasPackets(long entry) {
    return startNs(entry) != Long.MAX_VALUE;
  }

  /** Time of its first packet since the last cut, {@link Long#MAX_VALUE} without one. */
  static long startNs(long entry) {
    return Math.min(getLong(entry + FIRST_NS), getLong(entry + FIRST_NS + DIRECTION_BYTES));
  }

  /** Time of its last packet, also one before the last cut. */
  static long lastNs(long entry) {
    return Math.max(getLong(entry + LAST_NS), getLong(entry + LAST_NS + DIRECTION_BYTES));
  }

  /** Links a free entry to the next one. */
  static void free(long entry, int next) {
    putByte(entry + KIND, 0);
    putInt(entry + EXTENSION, next);
  }

  /** The entry after a free one. */
  static int nextFree(long entry) {
    return getInt(entry + EXTENSION);
  }

  static long half(long entry, int direction) {
    return entry + (long) direction * DIRECTION_BYTES;
  }
}
