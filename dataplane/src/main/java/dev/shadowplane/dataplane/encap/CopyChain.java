package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.MbufView;

/**
 * Puts one outgoing frame together: a header mbuf, if there is one, and views of ranges of a
 * received frame, taken one after the other. It owns what it has put together until {@link #finish}
 * gives it to the caller. One thread; allocates nothing on the heap.
 */
final class CopyChain {
  private final MbufAllocator allocator;
  private final MbufBurst one = new MbufBurst(1);
  private long source;
  private int sourceOffset;
  private boolean movable;
  private boolean given;
  private long head;
  private long last;
  private int segments;
  private int length;

  /** A chain of mbufs from an allocator, which stays the caller's. */
  CopyChain(MbufAllocator allocator) {
    this.allocator = allocator;
  }

  /**
   * Begins to take ranges from a received frame, with nothing before them yet.
   *
   * @param frame its first segment, a reference to which is the caller's
   */
  void from(long frame) {
    source = frame;
    sourceOffset = 0;
    movable = Mbuf.next(frame) == 0 && MbufView.isDirect(frame);
    given = false;
    empty();
  }

  /**
   * Leaves a part of the received frame out.
   *
   * @param bytes how many, at most what is left
   */
  void skip(int bytes) {
    sourceOffset += bytes;
    while (source != 0 && sourceOffset >= Mbuf.dataLength(source)) {
      sourceOffset -= Mbuf.dataLength(source);
      source = Mbuf.next(source);
    }
  }

  /**
   * Begins an outgoing frame with a header mbuf.
   *
   * @param headerOffset where its data begins in the buffer
   * @param headerBytes how long it is
   * @return the address of its data, or 0 when there is no mbuf
   */
  long begin(int headerOffset, int headerBytes) {
    empty();
    final long mbuf = allocator.take();
    if (mbuf == 0) {
      return 0;
    }
    Mbuf.begin(mbuf, headerOffset, headerBytes);
    head = mbuf;
    last = mbuf;
    segments = 1;
    length = headerBytes;
    return Mbuf.data(mbuf);
  }

  /** Begins an outgoing frame without a header. */
  void empty() {
    head = 0;
    last = 0;
    segments = 0;
    length = 0;
  }

  /** Sets the length of the header mbuf, behind which nothing has been put yet. */
  void headerBytes(int bytes) {
    Mbuf.length(head, bytes);
    length = bytes;
  }

  /** Moves the beginning of the outgoing frame forward in its header mbuf. */
  void prepend(int bytes) {
    Mbuf.prepend(head, bytes);
    length += bytes;
  }

  /**
   * Puts the next range of the received frame behind.
   *
   * @param bytes how many, at most what is left of it
   * @return false when there is no mbuf; {@link #drop} is left to do
   */
  boolean append(int bytes) {
    int left = bytes;
    while (left > 0 && source != 0) {
      final int range = Math.min(left, Mbuf.dataLength(source) - sourceOffset);
      if (range > 0) {
        final long view = allocator.take();
        if (view == 0) {
          return false;
        }
        MbufView.attach(view, source, sourceOffset, range);
        MbufView.shareBuffer(source);
        put(view, range);
      }
      left -= range;
      skip(range);
    }
    return true;
  }

  /**
   * Puts the rest of the received frame behind, up to some length; with it, where that can be, the
   * caller's reference to the frame, so that none needs to be counted.
   *
   * @param bytes how many, at most what is left
   * @return false when there is no mbuf; {@link #drop} is left to do
   */
  boolean appendRest(int bytes) {
    if (movable && bytes > 0) {
      final long view = allocator.take();
      if (view == 0) {
        return false;
      }
      MbufView.attach(view, source, sourceOffset, bytes);
      put(view, bytes);
      given = true;
      return true;
    }
    return append(bytes);
  }

  private void put(long view, int bytes) {
    if (last == 0) {
      head = view;
    } else {
      Mbuf.link(last, view);
    }
    last = view;
    segments++;
    length += bytes;
  }

  /** How long it is so far. */
  int length() {
    return length;
  }

  /** Where the first byte of the outgoing frame lies. */
  long data() {
    return Mbuf.data(head);
  }

  /**
   * Ends the outgoing frame.
   *
   * @return its first segment, now the caller's
   */
  long finish() {
    final long frame = head;
    Mbuf.packet(frame, segments, length);
    empty();
    return frame;
  }

  /** Frees what has been put together. */
  void drop() {
    if (head != 0) {
      one.set(0, head);
      one.free(0, 1);
      empty();
    }
  }

  /** Whether the caller's reference to the received frame went with the outgoing one. */
  boolean isGiven() {
    return given;
  }
}
