package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getDouble;
import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.putByte;
import static dev.shadowplane.dataplane.analytics.RawMemory.putDouble;
import static dev.shadowplane.dataplane.analytics.RawMemory.putInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.putLong;

import dev.shadowplane.dataplane.packet.RecordExtension;
import java.util.concurrent.TimeUnit;

/**
 * What the segments of a connection tell where they are captured (RFC 9293), in the memory of a
 * {@link FlowExtension}. Sequence numbers wrap, so one lies before another when the signed
 * difference is negative.
 *
 * <ul>
 *   <li>A segment whose bytes, SYN and FIN were all sent before is <em>retransmitted</em>. One that
 *       asks whether the other side is alive is not: no more than a byte, and that the last one
 *       acknowledged (RFC 9293, 3.8.4).
 *   <li>A segment that begins behind what was sent last leaves a hole. One that falls into a hole
 *       is <em>out of order</em> when it comes within the handshake's round trip (both halves; 3 ms
 *       when it was not seen) of the hole's beginning; later it is a retransmission of what was
 *       lost before the place of capture. Of each direction the two latest holes are known.
 *   <li>A segment without SYN, FIN and RST whose window is 0 is a <em>zero window</em>.
 *   <li>A data <em>round trip</em> lasts from a segment's last byte to the first acknowledgement
 *       that covers it. One segment is timed at once, one that begins where what was sent before
 *       ends; when it or anything before it is sent again, it is given up (Karn's algorithm, RFC
 *       6298, 3).
 *   <li>The server's half of the handshake lasts from the SYN to the SYN with ACK that acknowledges
 *       it, the client's from there to the ACK; neither is known once SYN or SYN with ACK were sent
 *       again before.
 *   <li>A SYN whose number is not within 65,535 of what was sent last begins another connection.
 * </ul>
 */
final class TcpTrack {
  /** A direction's {@link #STATE}: something was sent. */
  private static final int SENT = 1;

  /** Something was acknowledged. */
  private static final int ACKNOWLEDGED = 2;

  /** A segment is timed. */
  private static final int TIMING = 4;

  // Of a direction.

  /** i64, time of the byte timed. */
  private static final int TIMED_NS = 0;

  /** u32 in host order: behind the last byte sent. */
  private static final int NEXT = 8;

  /** u32: behind the last byte acknowledged. */
  private static final int ACKED = 12;

  /** u32: behind the byte timed. */
  private static final int TIMED_END = 16;

  private static final int STATE = 20;

  // Values of HANDSHAKE.
  private static final int SYN_SEEN = 1;
  private static final int SYN_ACK_SEEN = 2;
  private static final int HANDSHAKE_OVER = 3;

  /** A hole: u32 from, u32 to (equal: none), u32 time in units of 1,024 ns. */
  private static final int HOLE_BYTES = 12;

  private static final int HOLE_TIME_SHIFT = 10;
  private static final long UNKNOWN_ROUND_TRIP_NS = TimeUnit.MILLISECONDS.toNanos(3);
  private static final int NEAR = 1 << 16;

  private static final int FIN = 0x01;
  private static final int SYN = 0x02;
  private static final int RST = 0x04;
  private static final int ACK = 0x10;

  private TcpTrack() {}

  /**
   * Takes a segment.
   *
   * @param extension address of its flow's extension
   * @param direction which way it goes
   * @param record extension of its record, with {@link RecordExtension#FLAG_TCP}
   * @param flags its flags
   * @param timestampNs its time
   */
  static void take(long extension, int direction, long record, int flags, long timestampNs) {
    final long half = half(extension, direction);
    final int sequence = Integer.reverseBytes(getInt(record + RecordExtension.TCP_SEQUENCE));
    final int windowAndPayload = getInt(record + RecordExtension.TCP_WINDOW);
    final int payload = windowAndPayload >>> Short.SIZE;
    if ((flags & ACK) != 0) {
      final int acknowledged =
          Integer.reverseBytes(getInt(record + RecordExtension.TCP_ACKNOWLEDGEMENT));
      acknowledge(extension, 1 - direction, acknowledged, timestampNs);
    }
    if ((flags & (SYN | FIN | RST)) == 0) {
      if ((windowAndPayload & 0xffff) == 0) {
        increment(FlowExtension.roundTrips(extension, direction) + FlowExtension.ZERO_WINDOWS);
      }
    } else if ((flags & SYN) != 0) {
      restartWhenFar(extension, half, direction, sequence + payload + 1);
    }
    if (getUnsignedByte(extension + FlowExtension.HANDSHAKE) != HANDSHAKE_OVER) {
      shakeHands(extension, direction, record, flags, timestampNs);
    }
    final int length = payload + (flags & FIN) + (flags >>> 1 & 1);
    if (length != 0 && (flags & RST) == 0) {
      send(extension, half, direction, sequence, length, flags, timestampNs);
    }
  }

  private static void send(
      long extension,
      long half,
      int direction,
      int sequence,
      int length,
      int flags,
      long timestampNs) {
    final int state = getUnsignedByte(half + STATE);
    final int end = sequence + length;
    final int next = getInt(half + NEXT);
    final int ahead = sequence - next;
    if ((state & SENT) == 0 || ahead == 0) {
      putInt(half + NEXT, end);
      int after = state | SENT;
      if ((state & TIMING) == 0 && (flags & SYN) == 0 && length > (flags & FIN)) {
        // Of a segment with FIN too, the acknowledgement of all of it is waited for.
        putInt(half + TIMED_END, end);
        putLong(half + TIMED_NS, timestampNs);
        after |= TIMING;
      }
      putByte(half + STATE, after);
      return;
    }
    final long holes = holes(extension, direction);
    if (ahead > 0) {
      addHole(holes, next, sequence, (int) (timestampNs >>> HOLE_TIME_SHIFT));
      putInt(half + NEXT, end);
      return;
    }
    final boolean asksWhetherAlive =
        (state & ACKNOWLEDGED) != 0
            && length == 1
            && (flags & (SYN | FIN)) == 0
            && sequence == getInt(half + ACKED) - 1;
    if (asksWhetherAlive) {
      return;
    }
    final int openedAt = fill(holes, sequence, end);
    if (end - next > 0) {
      putInt(half + NEXT, end);
    } else if (openedAt != 0 && isInTime(extension, openedAt, timestampNs)) {
      increment(FlowExtension.roundTrips(extension, direction) + FlowExtension.OUT_OF_ORDER);
    } else {
      increment(FlowExtension.roundTrips(extension, direction) + FlowExtension.RETRANSMISSIONS);
      if ((state & TIMING) != 0 && sequence - getInt(half + TIMED_END) < 0) {
        putByte(half + STATE, state & ~TIMING);
      }
    }
  }

  private static void acknowledge(
      long extension, int direction, int acknowledged, long timestampNs) {
    final long half = half(extension, direction);
    final int state = getUnsignedByte(half + STATE);
    int after = state;
    if ((state & ACKNOWLEDGED) == 0 || acknowledged - getInt(half + ACKED) > 0) {
      putInt(half + ACKED, acknowledged);
      after |= ACKNOWLEDGED;
    }
    if ((state & TIMING) != 0 && acknowledged - getInt(half + TIMED_END) >= 0) {
      after &= ~TIMING;
      final long sampleNs = Math.max(0, timestampNs - getLong(half + TIMED_NS));
      final long at = FlowExtension.roundTrips(extension, direction);
      final int samples = increment(at + FlowExtension.RTT_SAMPLES);
      putDouble(
          at + FlowExtension.RTT_SUM, getDouble(at + FlowExtension.RTT_SUM) + (double) sampleNs);
      putLong(
          at + FlowExtension.RTT_MIN,
          samples == 1 ? sampleNs : Math.min(sampleNs, getLong(at + FlowExtension.RTT_MIN)));
      putLong(at + FlowExtension.RTT_MAX, Math.max(sampleNs, getLong(at + FlowExtension.RTT_MAX)));
    }
    if (after != state) {
      putByte(half + STATE, after);
    }
  }

  private static void restartWhenFar(long extension, long half, int direction, int end) {
    final int behind = getInt(half + NEXT) - end;
    if ((getUnsignedByte(half + STATE) & SENT) != 0 && (behind < 0 || behind >= NEAR)) {
      putByte(half + STATE, 0);
      final long holes = holes(extension, direction);
      for (int at = 0; at < 2 * HOLE_BYTES; at += Integer.BYTES) {
        putInt(holes + at, 0);
      }
      if (direction == 0) {
        putByte(extension + FlowExtension.HANDSHAKE, 0);
      }
    }
  }

  private static void shakeHands(
      long extension, int direction, long record, int flags, long timestampNs) {
    final int stage = getUnsignedByte(extension + FlowExtension.HANDSHAKE);
    int after = stage;
    if ((flags & RST) != 0) {
      after = HANDSHAKE_OVER;
    } else if ((flags & SYN) == 0) {
      if (direction == 0 && stage == SYN_ACK_SEEN && (flags & ACK) != 0) {
        putLong(extension + FlowExtension.CLIENT_RTT, sinceNs(extension, timestampNs));
        after = HANDSHAKE_OVER;
      } else if (stage == 0) {
        after = HANDSHAKE_OVER;
      }
    } else if (direction == 0) {
      after = stage == 0 ? SYN_SEEN : HANDSHAKE_OVER;
    } else if ((flags & ACK) == 0 || stage == SYN_ACK_SEEN) {
      // Opened from both sides at once, or sent again.
      after = HANDSHAKE_OVER;
    } else {
      final int acknowledged =
          Integer.reverseBytes(getInt(record + RecordExtension.TCP_ACKNOWLEDGEMENT));
      if (stage == SYN_SEEN && acknowledged == getInt(half(extension, 0) + NEXT)) {
        putLong(extension + FlowExtension.SERVER_RTT, sinceNs(extension, timestampNs));
      }
      after = SYN_ACK_SEEN;
    }
    if (after != stage) {
      putByte(extension + FlowExtension.HANDSHAKE, after);
      putLong(extension + FlowExtension.HANDSHAKE_NS, timestampNs);
    }
  }

  private static long sinceNs(long extension, long timestampNs) {
    return Math.max(0, timestampNs - getLong(extension + FlowExtension.HANDSHAKE_NS));
  }

  private static boolean isInTime(long extension, int openedAt, long timestampNs) {
    final long server = getLong(extension + FlowExtension.SERVER_RTT);
    final long client = getLong(extension + FlowExtension.CLIENT_RTT);
    final long limitNs = server < 0 || client < 0 ? UNKNOWN_ROUND_TRIP_NS : server + client;
    final int age = (int) (timestampNs >>> HOLE_TIME_SHIFT) - openedAt;
    return age <= limitNs >>> HOLE_TIME_SHIFT;
  }

  private static long half(long extension, int direction) {
    return extension + FlowExtension.TCP + (long) direction * FlowExtension.TCP_BYTES;
  }

  private static long holes(long extension, int direction) {
    return extension + FlowExtension.HOLES + (long) direction * 2 * HOLE_BYTES;
  }

  /** Notes a hole; the older of two goes. */
  private static void addHole(long holes, int from, int to, int time) {
    final long latest = holes + HOLE_BYTES;
    if (getInt(latest) != getInt(latest + Integer.BYTES)) {
      putLong(holes, getLong(latest));
      putInt(holes + Long.BYTES, getInt(latest + Long.BYTES));
    }
    putInt(latest, from);
    putInt(latest + Integer.BYTES, to);
    // 0 stands for no hole.
    putInt(latest + Long.BYTES, time == 0 ? 1 : time);
  }

  /**
   * Takes bytes out of the holes.
   *
   * @return the time of the latest hole that some of them fell into, 0 when none did
   */
  private static int fill(long holes, int sequence, int end) {
    int openedAt = 0;
    for (int at = 0; at < 2; at++) {
      final long hole = holes + (long) at * HOLE_BYTES;
      final int from = getInt(hole);
      final int to = getInt(hole + Integer.BYTES);
      if (from == to || sequence - to >= 0 || end - from <= 0) {
        continue;
      }
      openedAt = getInt(hole + Long.BYTES);
      final boolean leavesHead = sequence - from > 0;
      final boolean leavesTail = to - end > 0;
      if (leavesHead) {
        putInt(hole + Integer.BYTES, sequence);
        if (leavesTail) {
          addHole(holes, end, to, openedAt);
          break;
        }
      } else {
        putInt(hole, leavesTail ? end : to);
      }
    }
    return openedAt;
  }

  private static int increment(long at) {
    final int count = getInt(at) + 1;
    putInt(at, count);
    return count;
  }
}
