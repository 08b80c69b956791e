package dev.shadowplane.dataplane.telemetry;

import static org.agrona.BitUtil.align;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.ALIGNMENT;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.HEADER_LENGTH;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.lengthOffset;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.typeOffset;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.HEAD_POSITION_OFFSET;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.TAIL_POSITION_OFFSET;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.TRAILER_LENGTH;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.checkCapacity;

import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;

/**
 * The data plane's producing end of a ring that control consumes with a {@link OneToOneRingBuffer}.
 *
 * <p>One producing thread; nothing here allocates, waits or loops. Of all that lies in the mapping
 * only the consumer's position is ever read, and only when the ring looks full: it must lie between
 * its last value and the tail, else the ring is broken for good. The tail and the lengths are kept
 * outside the mapping, so whatever control writes there, this end writes inside the ring and
 * nowhere else.
 *
 * <p>If control cuts the file short, the next access makes the JVM raise an {@link InternalError}
 * on this thread. It does so asynchronously: mostly inside claim or commit, which catch it, but
 * possibly a few instructions later. The duty cycle of a worker therefore has to catch
 * InternalError, call {@link #markBroken} and go on; the loop has then lost no more than its
 * present burst.
 */
public final class RecordRing {
  /** Message type of a batch: the records of one receive burst. */
  public static final int BATCH_TYPE = 1;

  /** Offset in a batch of the time of the burst, i64, ns since 1970. */
  public static final int BATCH_TIMESTAMP_OFFSET = 0;

  /** Offset in a batch of the number of records that follow, i32. */
  public static final int BATCH_COUNT_OFFSET = 8;

  /** Offset in a batch of 4 reserved bytes, written as 0. */
  public static final int BATCH_RESERVED_OFFSET = 12;

  /** Length of what stands before the first record of a batch. */
  public static final int BATCH_HEADER_LENGTH = 16;

  /** Answer of {@link #claim}: no room now, so shed and count. */
  public static final int FULL = -1;

  /** Answer of {@link #claim}, from now on always: control broke the ring, so shed and count. */
  public static final int BROKEN = -2;

  // The producer's state lies in an array, 128 bytes from either end, so that the rings of two
  // workers never share a cache line on the heap.
  private static final int TAIL = 16;
  private static final int HEAD = 17;
  private static final int CLAIMED_LENGTH = 18;
  private static final int CLAIMED_TYPE = 19;
  private static final int STATE_LENGTH = 36;

  private final long[] state = new long[STATE_LENGTH];
  private final UnsafeBuffer buffer;
  private final int capacity;
  private final int maxLengthBytes;
  private volatile boolean broken;

  /**
   * Takes over a ring that nobody has used yet.
   *
   * @param buffer a power of two bytes of zeros and the trailer of {@link
   *     org.agrona.concurrent.ringbuffer.RingBufferDescriptor}.
   */
  public RecordRing(final UnsafeBuffer buffer) {
    this.capacity = checkCapacity(buffer.capacity(), AttachmentConfig.MIN_RING_BYTES);
    this.maxLengthBytes = capacity / 8 - HEADER_LENGTH;
    this.buffer = buffer;
  }

  /**
   * Claims room for one message of type {@link #BATCH_TYPE}. It becomes visible to the consumer
   * with {@link #commit}; a claim that is not committed is void and the next claim takes its place.
   *
   * @param lengthBytes 0 to {@link #maxLengthBytes()}; a longer one never fits.
   * @return the offset in {@link #buffer()} where the message goes, {@link #FULL} or {@link
   *     #BROKEN}.
   */
  public int claim(final int lengthBytes) {
    return claim(BATCH_TYPE, lengthBytes);
  }

  int claim(final int type, final int lengthBytes) {
    if (broken) {
      return BROKEN;
    }
    if (lengthBytes < 0 || lengthBytes > maxLengthBytes) {
      return FULL;
    }
    final int alignedLength = align(lengthBytes + HEADER_LENGTH, ALIGNMENT);
    final long[] state = this.state;
    final long tail = state[TAIL];
    int index = (int) tail & (capacity - 1);
    final int toEnd = capacity - index;
    final int padding = alignedLength > toEnd ? toEnd : 0;
    try {
      // One header more than the message, because the header after it has to be zeroed.
      final int needed = padding + alignedLength + HEADER_LENGTH;
      if (needed > capacity - (int) (tail - state[HEAD])) {
        final int answer = refreshHead(tail, needed);
        if (answer < 0) {
          return answer;
        }
      }
      if (padding > 0) {
        buffer.putLong(0, 0L);
        publish(index, RingBuffer.PADDING_MSG_TYPE_ID, padding, tail + padding);
        index = 0;
      }
      buffer.putLong((index + alignedLength) & (capacity - 1), 0L);
      state[CLAIMED_LENGTH] = (long) lengthBytes + HEADER_LENGTH;
      state[CLAIMED_TYPE] = type;
      return index + HEADER_LENGTH;
    } catch (final InternalError fileCutShort) {
      broken = true;
      return BROKEN;
    }
  }

  /**
   * Makes the message claimed last visible to the consumer.
   *
   * @param offset what {@link #claim} returned.
   */
  public void commit(final int offset) {
    final long tail = state[TAIL];
    final int index = (int) tail & (capacity - 1);
    assert offset == index + HEADER_LENGTH : "commit of " + offset + ", which was not claimed last";
    final int length = (int) state[CLAIMED_LENGTH];
    final int alignedLength = align(length, ALIGNMENT);
    try {
      publish(index, (int) state[CLAIMED_TYPE], length, tail + alignedLength);
    } catch (final InternalError fileCutShort) {
      broken = true;
    }
  }

  /** Returns the buffer that claimed offsets refer to; write nowhere but in the present claim. */
  public UnsafeBuffer buffer() {
    return buffer;
  }

  /** Returns the longest message: an eighth of the ring less a header. */
  public int maxLengthBytes() {
    return maxLengthBytes;
  }

  /** Gives the ring up, after an {@link InternalError} that surfaced outside of it. */
  public void markBroken() {
    broken = true;
  }

  /** Returns whether control broke the ring; any thread. */
  public boolean isBroken() {
    return broken;
  }

  /** Returns the ring's size in bytes, a power of two. */
  public int capacity() {
    return capacity;
  }

  /**
   * Tells whether more than a part of the ring waits for the consumer. Reads the consumer's
   * position, which costs a cache miss, only when it may: what was read last is enough for a ring
   * that is drained.
   *
   * @param bytes the part.
   * @return true also when the ring is broken and was as full before.
   */
  public boolean isFullerThan(final int bytes) {
    final long tail = state[TAIL];
    if (tail - state[HEAD] <= bytes) {
      return false;
    }
    if (!broken) {
      try {
        refreshHead(tail, 0);
      } catch (final InternalError fileCutShort) {
        broken = true;
      }
    }
    return tail - state[HEAD] > bytes;
  }

  private int refreshHead(final long tail, final int needed) {
    final long head = buffer.getLongVolatile(capacity + HEAD_POSITION_OFFSET);
    if (head < state[HEAD] || head > tail || (head & (ALIGNMENT - 1)) != 0) {
      broken = true;
      return BROKEN;
    }
    state[HEAD] = head;
    return needed > capacity - (int) (tail - head) ? FULL : 0;
  }

  private void publish(final int index, final int type, final int length, final long newTail) {
    state[TAIL] = newTail;
    buffer.putLongRelease(capacity + TAIL_POSITION_OFFSET, newTail);
    buffer.putInt(typeOffset(index), type);
    // Ordered after everything in the message and after the zero in the header behind it.
    buffer.putIntRelease(lengthOffset(index), length);
  }

  static int fileLength(final int capacity) {
    return capacity + TRAILER_LENGTH;
  }
}
