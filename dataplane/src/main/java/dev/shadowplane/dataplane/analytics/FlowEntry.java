package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.putByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.putInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.putLong;

/**
 * The layout of one flow in the table: two cache lines, the same for IPv4 and IPv6. The first holds
 * the key, the second what every packet changes.
 *
 * <p>Direction 0 is what the initiator sent, 1 the answers. An entry whose flow was cut by the
 * active timeout stays, with no packets, so that the next one is counted in the same direction.
 */
final class FlowEntry {
  static final int BYTES = 128;

  /** 16 bytes; an IPv4 address lies in the first 4, and the rest is 0. */
  static final int SOURCE_ADDRESS = 0;

  static final int DESTINATION_ADDRESS = 16;

  /** u16 source port, u16 destination port, u16 VLAN id (0 without), u8 protocol, u8 kind. */
  static final int TAIL = 32;

  static final int VLAN = 36;
  static final int PROTOCOL = 38;

  /** 4, 6, or 0 while the entry is free. */
  static final int KIND = 39;

  static final int HASH = 40;

  /** Two bytes, one a direction. */
  static final int TCP_FLAGS = 44;

  /** A bit for each direction that sent FIN, both for RST. Outlives a cut. */
  static final int CLOSING = 46;

  /** Two i64, one a direction; {@link Long#MAX_VALUE} without packets. */
  static final int FIRST_NS = 48;

  /** Four i64, then the same for the answers. */
  static final int PACKETS = 64;

  static final int FRAME_BYTES = 72;
  static final int IP_BYTES = 80;

  /** {@link Long#MIN_VALUE} before the first packet; outlives a cut. */
  static final int LAST_NS = 88;

  static final int DIRECTION_BYTES = 32;

  private static final int FIN = 0x01;
  private static final int RST = 0x04;
  private static final int TCP = 6;
  private static final int BOTH = 3;

  private FlowEntry() {}

  /** Makes an entry that has counted nothing, as new or after a cut. */
  static void reset(long entry) {
    putLong(entry + FIRST_NS, Long.MAX_VALUE);
    putLong(entry + FIRST_NS + Long.BYTES, Long.MAX_VALUE);
    for (int direction = 0; direction < 2 * DIRECTION_BYTES; direction += DIRECTION_BYTES) {
      putLong(entry + PACKETS + direction, 0);
      putLong(entry + FRAME_BYTES + direction, 0);
      putLong(entry + IP_BYTES + direction, 0);
    }
    putByte(entry + TCP_FLAGS, 0);
    putByte(entry + TCP_FLAGS + 1, 0);
  }

  /** Forgets what outlives a cut, so that the entry holds another flow. */
  static void forget(long entry) {
    putByte(entry + CLOSING, 0);
    putLong(entry + LAST_NS, Long.MIN_VALUE);
    putLong(entry + LAST_NS + DIRECTION_BYTES, Long.MIN_VALUE);
  }

  /**
   * Counts a packet.
   *
   * @param entry address of the entry
   * @param direction 0 or 1
   * @param timestampNs its time
   * @param frameBytes its frame's length
   * @param ipBytes its length
   * @param tcpFlags 0 when not TCP
   */
  static void count(
      long entry, int direction, long timestampNs, long frameBytes, int ipBytes, int tcpFlags) {
    final long half = entry + (long) direction * DIRECTION_BYTES;
    final long packets = getLong(half + PACKETS);
    putLong(half + PACKETS, packets + 1);
    putLong(half + FRAME_BYTES, getLong(half + FRAME_BYTES) + frameBytes);
    putLong(half + IP_BYTES, getLong(half + IP_BYTES) + ipBytes);
    final long last = getLong(half + LAST_NS);
    if (packets == 0 || timestampNs > last) {
      putLong(half + LAST_NS, timestampNs);
    }
    final long firstAt = entry + FIRST_NS + (long) direction * Long.BYTES;
    if (timestampNs < getLong(firstAt)) {
      putLong(firstAt, timestampNs);
    }
    if (tcpFlags != 0 && getUnsignedByte(entry + PROTOCOL) == TCP) {
      final long flagsAt = entry + TCP_FLAGS + direction;
      putByte(flagsAt, getUnsignedByte(flagsAt) | tcpFlags);
      if ((tcpFlags & (FIN | RST)) != 0) {
        final int closing = (tcpFlags & RST) != 0 ? BOTH : 1 << direction;
        putByte(entry + CLOSING, getUnsignedByte(entry + CLOSING) | closing);
      }
    }
  }

  static boolean isFree(long entry) {
    return getUnsignedByte(entry + KIND) == 0;
  }

  static boolean isClosed(long entry) {
    return getUnsignedByte(entry + CLOSING) == BOTH;
  }

  static boolean hasPackets(long entry) {
    return (getLong(entry + PACKETS) | getLong(entry + PACKETS + DIRECTION_BYTES)) != 0;
  }

  /** Time of its first packet since the last cut, {@link Long#MAX_VALUE} without one. */
  static long startNs(long entry) {
    return Math.min(getLong(entry + FIRST_NS), getLong(entry + FIRST_NS + Long.BYTES));
  }

  /** Time of its last packet, also one before the last cut. */
  static long lastNs(long entry) {
    return Math.max(getLong(entry + LAST_NS), getLong(entry + LAST_NS + DIRECTION_BYTES));
  }

  /** Links a free entry to the next one. */
  static void free(long entry, int next) {
    putByte(entry + KIND, 0);
    putInt(entry, next);
  }

  /** The entry after a free one. */
  static int nextFree(long entry) {
    return getInt(entry);
  }
}
