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
 * The layout of what a flow with full records has beside its {@link FlowEntry}.
 *
 * <p>Means and deviations are kept by Welford's recurrence (Knuth, The Art of Computer Programming,
 * volume 2, section 4.2.2), which does not lose digits where values lie close together.
 */
final class FlowExtension {
  static final int BYTES = 352;

  // Sizes and gaps of a direction, where sizes() says: a cache line.

  /** u32. */
  static final int MEASURED = 0;

  static final int GAPS = 4;

  /** f64: mean, then the sum of the squared distances from it. */
  static final int SIZE_MEAN = 8;

  /** u32. */
  static final int SIZE_MIN = 24;

  static final int SIZE_MAX = 28;

  /** f64: mean, then the sum of the squared distances from it. */
  static final int GAP_MEAN = 32;

  /** i64. */
  static final int GAP_MIN = 48;

  static final int GAP_MAX = 56;
  private static final int SIZES_BYTES = 64;

  /** The last word of what {@link #hot} begins. */
  static final int HOT_LAST = 2 * SIZES_BYTES - Long.BYTES;

  // What TCP counts and times of a direction, where roundTrips() says.

  /** u32. */
  static final int RETRANSMISSIONS = 0;

  static final int OUT_OF_ORDER = 4;
  static final int ZERO_WINDOWS = 8;
  static final int RTT_SAMPLES = 12;

  /** f64. */
  static final int RTT_SUM = 16;

  /** i64. */
  static final int RTT_MIN = 24;

  static final int RTT_MAX = 32;
  private static final int ROUND_TRIPS = 192;
  private static final int ROUND_TRIPS_BYTES = 40;

  // Of both directions; what every packet reads and changes lies between their sizes.

  /** u24. */
  static final int RULE = 64;

  /** u8, see {@link TcpTrack}. */
  static final int HANDSHAKE = 67;

  /** u8 smallest, u8 largest hop limit of each direction. */
  static final int HOP_LIMITS = 68;

  /** i64, see {@link TcpTrack}. */
  static final int HANDSHAKE_NS = 72;

  /** What TCP remembers of each direction, see {@link TcpTrack}. */
  static final int TCP = 80;

  static final int TCP_BYTES = 24;

  /** 6 bytes, the initiator's side, then those of the other side. */
  static final int MACS = 272;

  /**
   * u24 VNI, u8 tunnel, as {@link RecordExtension#VNI} but for {@link RecordExtension#FLAG_TCP}.
   */
  static final int VNI = 284;

  /** i64, {@link Flow#UNKNOWN} when not seen. */
  static final int SERVER_RTT = 288;

  static final int CLIENT_RTT = 296;

  /** Two of 12 bytes a direction, see {@link TcpTrack}. */
  static final int HOLES = 304;

  /** Number of the next free extension, in a free one. */
  static final int NEXT_FREE = 0;

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
      for (int at = 0; at < SIZES_BYTES; at += Long.BYTES) {
        putLong(sizes(extension, direction) + at, 0);
      }
      for (int at = 0; at < ROUND_TRIPS_BYTES; at += Long.BYTES) {
        putLong(roundTrips(extension, direction) + at, 0);
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
    final long sizes = sizes(extension, direction);
    final int measured = getInt(sizes + MEASURED) + 1;
    final int size = (int) frameBytes;
    final int rule = getInt(record + RecordExtension.RULE);
    final int hopLimit = rule >>> 24;
    final long hopLimitsAt = extension + HOP_LIMITS + direction * 2L;
    putInt(sizes + MEASURED, measured);
    add(sizes + SIZE_MEAN, frameBytes, Integer.toUnsignedLong(measured));
    if (measured == 1) {
      putInt(sizes + SIZE_MIN, size);
      putInt(sizes + SIZE_MAX, size);
      putShort(hopLimitsAt, hopLimit << 8 | hopLimit);
    } else {
      if (Integer.compareUnsigned(size, getInt(sizes + SIZE_MIN)) < 0) {
        putInt(sizes + SIZE_MIN, size);
      }
      if (Integer.compareUnsigned(size, getInt(sizes + SIZE_MAX)) > 0) {
        putInt(sizes + SIZE_MAX, size);
      }
      final int hopLimits = getUnsignedShort(hopLimitsAt);
      if (hopLimits != (hopLimit << 8 | hopLimit)) {
        putByte(hopLimitsAt, Math.min(hopLimits & 0xff, hopLimit));
        putByte(hopLimitsAt + 1, Math.max(hopLimits >>> 8, hopLimit));
      }
    }
    if (gapNs >= 0) {
      final int gaps = getInt(sizes + GAPS) + 1;
      putInt(sizes + GAPS, gaps);
      add(sizes + GAP_MEAN, gapNs, Integer.toUnsignedLong(gaps));
      putLong(sizes + GAP_MIN, gaps == 1 ? gapNs : Math.min(gapNs, getLong(sizes + GAP_MIN)));
      putLong(sizes + GAP_MAX, Math.max(gapNs, getLong(sizes + GAP_MAX)));
    }
    final int tunnel = getInt(record + RecordExtension.VNI);
    if (((tunnel >>> 24) & TUNNELS) != 0) {
      putInt(extension + VNI, tunnel & (RULE_MASK | TUNNELS << 24));
    }
    putInt(extension + RULE, (rule & RULE_MASK) | getUnsignedByte(extension + HANDSHAKE) << 24);
  }

  static Flow.Measures measures(long extension, int direction) {
    final long sizes = sizes(extension, direction);
    final long roundTrips = roundTrips(extension, direction);
    final long measured = count(sizes + MEASURED);
    final long samples = count(roundTrips + RTT_SAMPLES);
    final int hopLimits = getUnsignedShort(extension + HOP_LIMITS + direction * 2L);
    return new Flow.Measures(
        measured,
        spread(sizes + SIZE_MEAN, measured, count(sizes + SIZE_MIN), count(sizes + SIZE_MAX)),
        spread(
            sizes + GAP_MEAN,
            count(sizes + GAPS),
            getLong(sizes + GAP_MIN),
            getLong(sizes + GAP_MAX)),
        count(roundTrips + RETRANSMISSIONS),
        count(roundTrips + OUT_OF_ORDER),
        count(roundTrips + ZERO_WINDOWS),
        samples == 0
            ? Flow.RoundTrip.NONE
            : new Flow.RoundTrip(
                samples,
                getDouble(roundTrips + RTT_SUM) / (double) samples,
                getLong(roundTrips + RTT_MIN),
                getLong(roundTrips + RTT_MAX)),
        hopLimits & 0xff,
        hopLimits >>> Byte.SIZE);
  }

  static boolean hasMeasured(long extension, int direction) {
    return getInt(sizes(extension, direction) + MEASURED) != 0;
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

  static long sizes(long extension, int direction) {
    return extension + (long) direction * 2 * SIZES_BYTES;
  }

  /** Where what every packet of a direction reads and changes begins. */
  static long hot(long extension, int direction) {
    return extension + (long) direction * SIZES_BYTES;
  }

  static long roundTrips(long extension, int direction) {
    return extension + ROUND_TRIPS + (long) direction * ROUND_TRIPS_BYTES;
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
        count, getDouble(at), count < 2 ? 0 : Math.sqrt(squares / (double) (count - 1)), min, max);
  }

  private static long count(long at) {
    return Integer.toUnsignedLong(getInt(at));
  }

  private static void copyMac(long from, long to) {
    putInt(to, getInt(from));
    putShort(to + Integer.BYTES, getUnsignedShort(from + Integer.BYTES));
  }
}
