package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getDouble;
import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedShort;
import static dev.shadowplane.dataplane.analytics.RawMemory.putByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.putDouble;
import static dev.shadowplane.dataplane.analytics.RawMemory.putInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.putLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.putShort;

import dev.shadowplane.dataplane.packet.RecordExtension;

/**
 * The layout of what a flow with full records has beside its {@link FlowEntry}: the statistics of
 * one direction, what concerns both, and the statistics of the other direction.
 *
 * <p>Means and deviations are kept by Welford's recurrence (Knuth, The Art of Computer Programming,
 * volume 2, section 4.2.2), which does not lose digits where values lie close together.
 */
final class FlowExtension {
  static final int BYTES = 352;

  // Of a direction.

  /** u32, as the other counts. */
  static final int MEASURED = 0;

  static final int GAPS = 4;

  /** f64: mean, then the sum of the squared distances from it. */
  static final int SIZE_MEAN = 8;

  static final int SIZE_SQUARES = 16;
  static final int SIZE_MIN = 24;
  static final int SIZE_MAX = 28;
  static final int GAP_MEAN = 32;
  static final int GAP_SQUARES = 40;

  /** i64. */
  static final int GAP_MIN = 48;

  static final int GAP_MAX = 56;
  static final int MIN_HOP_LIMIT = 64;
  static final int MAX_HOP_LIMIT = 65;

  /** From here on that of TCP, see {@link TcpTrack}. */
  static final int TCP = 66;

  /** Begins what a cut does not forget. */
  static final int TCP_STATE = TCP;

  static final int RETRANSMISSIONS = 88;
  static final int OUT_OF_ORDER = 92;
  static final int ZERO_WINDOWS = 96;
  static final int RTT_SAMPLES = 100;

  /** f64. */
  static final int RTT_SUM = 104;

  /** i64. */
  static final int RTT_MIN = 112;

  static final int RTT_MAX = 120;

  /** From direction 0 to direction 1. */
  static final int DIRECTION_BYTES = 224;

  // Of both.

  /** 6 bytes, the initiator's side, then those of the other side. */
  static final int MACS = 128;

  /**
   * u24 VNI, u8 tunnel, as {@link RecordExtension#VNI} but for {@link RecordExtension#FLAG_TCP}.
   */
  static final int VNI = 140;

  /** u24. */
  static final int RULE = 144;

  /** u8, see {@link TcpTrack}. */
  static final int HANDSHAKE = 147;

  /** Number of the next free extension. */
  static final int NEXT_FREE = 148;

  /** i64, see {@link TcpTrack}. */
  static final int HANDSHAKE_NS = 152;

  /** i64, {@link Flow#UNKNOWN} when not seen. */
  static final int SERVER_RTT = 160;

  static final int CLIENT_RTT = 168;

  /** Two of 12 bytes a direction. */
  static final int HOLES = 176;

  private static final int RULE_MASK = 0xff_ffff;
  private static final int TUNNELS = RecordExtension.TUNNEL_VXLAN | RecordExtension.TUNNEL_GENEVE;

  private FlowExtension() {}

  /**
   * Makes an extension that has measured nothing.
   *
   * @param extension its address
   * @param record extension of the flow's first full record
   * @param direction of that
   */
  static void start(long extension, long record, int direction) {
    for (int at = 0; at < BYTES; at += Long.BYTES) {
      putLong(extension + at, 0);
    }
    putLong(extension + SERVER_RTT, Flow.UNKNOWN);
    putLong(extension + CLIENT_RTT, Flow.UNKNOWN);
    final int source = direction == 0 ? 0 : 6;
    copyMac(record + RecordExtension.SOURCE_MAC, extension + MACS + source);
    copyMac(record + RecordExtension.DESTINATION_MAC, extension + MACS + 6 - source);
  }

  /** Forgets what was measured, but not the state of TCP nor what concerns both directions. */
  static void cut(long extension) {
    for (int direction = 0; direction < 2; direction++) {
      final long half = half(extension, direction);
      for (int at = 0; at < MIN_HOP_LIMIT; at += Long.BYTES) {
        putLong(half + at, 0);
      }
      for (int at = RETRANSMISSIONS; at <= RTT_MAX; at += Long.BYTES) {
        putLong(half + at, 0);
      }
    }
  }

  /**
   * Measures a packet.
   *
   * @param extension its address
   * @param direction of the packet
   * @param record extension of its record
   * @param frameBytes its frame's length
   * @param gapNs time since the direction's packet before, negative without one
   */
  static void measure(long extension, int direction, long record, long frameBytes, long gapNs) {
    final long half = half(extension, direction);
    final int measured = getInt(half + MEASURED) + 1;
    final int size = (int) frameBytes;
    final int rule = getInt(record + RecordExtension.RULE);
    final int hopLimit = rule >>> 24;
    putInt(half + MEASURED, measured);
    add(half + SIZE_MEAN, frameBytes, Integer.toUnsignedLong(measured));
    if (measured == 1) {
      putInt(half + SIZE_MIN, size);
      putInt(half + SIZE_MAX, size);
      putShort(half + MIN_HOP_LIMIT, hopLimit << 8 | hopLimit);
    } else {
      if (Integer.compareUnsigned(size, getInt(half + SIZE_MIN)) < 0) {
        putInt(half + SIZE_MIN, size);
      }
      if (Integer.compareUnsigned(size, getInt(half + SIZE_MAX)) > 0) {
        putInt(half + SIZE_MAX, size);
      }
      final int hopLimits = getUnsignedShort(half + MIN_HOP_LIMIT);
      if (hopLimits != (hopLimit << 8 | hopLimit)) {
        putByte(half + MIN_HOP_LIMIT, Math.min(hopLimits & 0xff, hopLimit));
        putByte(half + MAX_HOP_LIMIT, Math.max(hopLimits >>> 8, hopLimit));
      }
    }
    if (gapNs >= 0) {
      final int gaps = getInt(half + GAPS) + 1;
      putInt(half + GAPS, gaps);
      add(half + GAP_MEAN, gapNs, Integer.toUnsignedLong(gaps));
      putLong(half + GAP_MIN, gaps == 1 ? gapNs : Math.min(gapNs, getLong(half + GAP_MIN)));
      putLong(half + GAP_MAX, Math.max(gapNs, getLong(half + GAP_MAX)));
    }
    final int tunnel = getInt(record + RecordExtension.VNI);
    if (((tunnel >>> 24) & TUNNELS) != 0) {
      putInt(extension + VNI, tunnel & (RULE_MASK | TUNNELS << 24));
    }
    putInt(extension + RULE, (rule & RULE_MASK) | getUnsignedByte(extension + HANDSHAKE) << 24);
  }

  static Flow.Measures measures(long extension, int direction) {
    final long half = half(extension, direction);
    final long measured = Integer.toUnsignedLong(getInt(half + MEASURED));
    final long gaps = Integer.toUnsignedLong(getInt(half + GAPS));
    final long samples = count(half + RTT_SAMPLES);
    return new Flow.Measures(
        measured,
        spread(half + SIZE_MEAN, measured, count(half + SIZE_MIN), count(half + SIZE_MAX)),
        spread(half + GAP_MEAN, gaps, getLong(half + GAP_MIN), getLong(half + GAP_MAX)),
        count(half + RETRANSMISSIONS),
        count(half + OUT_OF_ORDER),
        count(half + ZERO_WINDOWS),
        samples == 0
            ? Flow.RoundTrip.NONE
            : new Flow.RoundTrip(
                samples,
                getDouble(half + RTT_SUM) / samples,
                getLong(half + RTT_MIN),
                getLong(half + RTT_MAX)),
        getUnsignedByte(half + MIN_HOP_LIMIT),
        getUnsignedByte(half + MAX_HOP_LIMIT));
  }

  static boolean hasMeasured(long extension, int direction) {
    return getInt(half(extension, direction) + MEASURED) != 0;
  }

  /** 48 bits as a number. */
  static long mac(long extension, int side) {
    final long at = extension + MACS + side * 6L;
    return Long.reverseBytes(
            Integer.toUnsignedLong(getInt(at))
                | (long) getUnsignedShort(at + Integer.BYTES) << Integer.SIZE)
        >>> Short.SIZE;
  }

  static long vni(long extension) {
    return tunnel(extension) == 0 ? Flow.UNKNOWN : getInt(extension + VNI) & RULE_MASK;
  }

  /** A set of {@link RecordExtension#TUNNEL_VXLAN} and {@link RecordExtension#TUNNEL_GENEVE}. */
  static int tunnel(long extension) {
    return getUnsignedByte(extension + VNI + 3);
  }

  static long rule(long extension) {
    final int rule = getInt(extension + RULE) & RULE_MASK;
    return rule == RecordExtension.NO_RULE ? Flow.UNKNOWN : rule;
  }

  static long half(long extension, int direction) {
    return extension + (long) direction * DIRECTION_BYTES;
  }

  private static void add(long at, long value, long count) {
    final double mean = getDouble(at);
    final double distance = (double) value - mean;
    final double moved = mean + distance / (double) count;
    putDouble(at, moved);
    putDouble(
        at + Double.BYTES, getDouble(at + Double.BYTES) + distance * ((double) value - moved));
  }

  private static Flow.Spread spread(long at, long count, long min, long max) {
    if (count == 0) {
      return Flow.Spread.NONE;
    }
    final double squares = getDouble(at + Double.BYTES);
    return new Flow.Spread(
        count, getDouble(at), count < 2 ? 0 : Math.sqrt(squares / (count - 1)), min, max);
  }

  private static long count(long at) {
    return Integer.toUnsignedLong(getInt(at));
  }

  private static void copyMac(long from, long to) {
    putInt(to, getInt(from));
    putShort(to + Integer.BYTES, getUnsignedShort(from + Integer.BYTES));
  }
}
