package dev.shadowplane.dataplane.session;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: segments in any order become bytes in their order. Of bytes that
 * come more than once the first copy counts, whatever the later ones say. Positions count the bytes
 * of the stream from 0.
 */
final class TcpStream {
  /** Takes what is next. */
  interface Sink {
    /** Some bytes, with the time and acknowledgement of the segment that they came in. */
    void data(byte[] bytes, long timestampNs, int acknowledgement);
  }

  /** How it went with a segment. */
  enum Taken {
    /** All that can be delivered is. */
    DONE,
    /** Bytes are missing that will not come. */
    GAP,
    /** There is no room. */
    LIMIT
  }

  private static final class Piece {
    private final byte[] bytes;
    private final long timestampNs;
    private final int acknowledgement;

    private Piece(byte[] bytes, long timestampNs, int acknowledgement) {
      this.bytes = bytes;
      this.timestampNs = timestampNs;
      this.acknowledgement = acknowledgement;
    }
  }

  private static final long UNKNOWN = -1;

  /** What a piece takes beside its bytes, about. */
  private static final int PIECE_BYTES = 128;

  private final SessionLimits limits;
  private final HeldBytes all;
  private final SessionCounts counts;
  private final TreeMap<Long, Piece> held = new TreeMap<>();
  private int heldBytes;
  private boolean begun;
  private int firstSequence;
  private long next;
  private long end = UNKNOWN;
  private long endNs;
  private int endAcknowledgement;

  /** The highest position that the other end has acknowledged, and since when that is missing. */
  private long acknowledged;

  private long missingSinceNs = UNKNOWN;

  TcpStream(SessionLimits limits, HeldBytes all, SessionCounts counts) {
    this.limits = limits;
    this.all = all;
    this.counts = counts;
  }

  /** Says with which sequence number the first byte comes. */
  void begin(int sequence) {
    if (!begun) {
      begun = true;
      firstSequence = sequence;
    }
  }

  boolean hasBegun() {
    return begun;
  }

  int firstSequence() {
    return firstSequence;
  }

  /** How many bytes have been delivered. */
  long delivered() {
    return next;
  }

  /** The position that a sequence number means, seen from what is next. */
  long position(int sequence) {
    return next + (sequence - (firstSequence + (int) next));
  }

  /** Whether all bytes up to the FIN are delivered. */
  boolean isEnded() {
    return end != UNKNOWN && next == end;
  }

  boolean hasEnd() {
    return end != UNKNOWN;
  }

  long endNs() {
    return endNs;
  }

  int endAcknowledgement() {
    return endAcknowledgement;
  }

  /** Whether something later has come than what is missing. */
  boolean hasHole() {
    return !held.isEmpty() || (end != UNKNOWN && next < end) || acknowledged > received();
  }

  private long received() {
    return isEnded() ? next + 1 : next;
  }

  /** Takes a segment of this direction. */
  Taken take(TcpSegment segment, Sink sink) {
    final int offset = segment.has(TcpSegment.SYN) ? 1 : 0;
    final long position = position(segment.sequence + offset);
    final long behind = position + segment.length;
    if (behind - next > limits.heldBytes()) {
      return Taken.GAP;
    }
    if (segment.has(TcpSegment.FIN) && end == UNKNOWN && behind >= next) {
      end = behind;
      endNs = segment.timestampNs;
      endAcknowledgement = segment.acknowledgement;
    }
    if (segment.length == 0) {
      return Taken.DONE;
    }
    if (behind <= next) {
      counts.retransmittedBytes += segment.length;
      return Taken.DONE;
    }
    if (segment.captured < segment.length) {
      return Taken.GAP;
    }
    final Taken taken = insert(segment, Math.max(position, next), position, behind);
    deliver(sink);
    return taken;
  }

  /** Holds those bytes from a position on that are not held yet. */
  private Taken insert(TcpSegment segment, long from, long position, long behind) {
    counts.retransmittedBytes += from - position;
    long at = from;
    while (at < behind) {
      final Map.@Nullable Entry<Long, Piece> before = held.floorEntry(at);
      final long free = before == null ? at : before.getKey() + before.getValue().bytes.length;
      if (free > at) {
        counts.retransmittedBytes += Math.min(free, behind) - at;
        at = free;
        continue;
      }
      final Long after = held.higherKey(at);
      final int count = (int) ((after == null ? behind : Math.min(after, behind)) - at);
      final int room = count + PIECE_BYTES;
      if (heldBytes + room > limits.heldBytes() + PIECE_BYTES) {
        return Taken.GAP;
      }
      if (!all.take(room)) {
        return Taken.LIMIT;
      }
      heldBytes += room;
      held.put(
          at,
          new Piece(
              segment.bytes((int) (at - position), count),
              segment.timestampNs,
              segment.acknowledgement));
      at += count;
    }
    return Taken.DONE;
  }

  private void deliver(Sink sink) {
    Map.@Nullable Entry<Long, Piece> first = held.firstEntry();
    while (first != null && first.getKey() == next) {
      held.pollFirstEntry();
      final Piece piece = first.getValue();
      release(piece.bytes.length + PIECE_BYTES);
      // Bytes behind a FIN are none of the stream.
      final long room = end == UNKNOWN ? piece.bytes.length : Math.max(0, end - next);
      final byte[] bytes =
          room < piece.bytes.length ? Arrays.copyOf(piece.bytes, (int) room) : piece.bytes;
      next += piece.bytes.length;
      if (bytes.length > 0) {
        sink.data(bytes, piece.timestampNs, piece.acknowledgement);
      }
      if (end != UNKNOWN && next >= end) {
        next = end;
        close();
        return;
      }
      first = held.firstEntry();
    }
  }

  private void release(int bytes) {
    heldBytes -= bytes;
    all.giveBack(bytes);
  }

  /**
   * Takes an acknowledgement of the other end.
   *
   * @return whether bytes that it has are missing for so long that they will not come
   */
  boolean isLost(int acknowledgement, long nowNs, long patienceNs) {
    final long position = position(acknowledgement);
    // What is further away than any window acknowledges nothing of this stream.
    if (position > acknowledged && position - next < 1L << 30) {
      acknowledged = position;
    }
    if (acknowledged <= received()) {
      missingSinceNs = UNKNOWN;
      return false;
    }
    if (missingSinceNs == UNKNOWN) {
      missingSinceNs = nowNs;
    }
    return nowNs - missingSinceNs > patienceNs;
  }

  /** Lets go of what is held. */
  void close() {
    held.clear();
    release(heldBytes);
  }
}
