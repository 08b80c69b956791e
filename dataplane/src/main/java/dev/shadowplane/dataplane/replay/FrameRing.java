package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Frames on their way from the loader, one thread, to the replay agent, another: bounded, without a
 * lock. A message is a head of {@link #HEAD_BYTES} and the frame.
 */
final class FrameRing implements AutoCloseable {
  /** A frame that is sent at its time. */
  static final int FRAME = 1;

  /** A frame that is sent at once: it asks for the next hop, and is none of the replay. */
  static final int QUESTION = 2;

  /** The source has ended. */
  static final int END = 3;

  /** When it is due: nanoseconds since the beginning. */
  static final int DUE = 0;

  /** Its place in the source: its own time there, since the epoch. */
  static final int POSITION = 8;

  /** How often the source has been sent before. */
  static final int LOOP = 16;

  /** The number of the seek that it belongs to. */
  static final int GENERATION = 20;

  static final int HEAD_BYTES = 24;

  private final Arena arena = Arena.ofShared();
  private final OneToOneRingBuffer ring;

  /** A ring of so many bytes, a power of two. */
  FrameRing(int bytes) {
    final int all = bytes + RingBufferDescriptor.TRAILER_LENGTH;
    ring = new OneToOneRingBuffer(new UnsafeBuffer(NativeMemory.allocate(arena, all, 64), all));
  }

  /** Puts a frame in; false when there is no room. The loader. */
  boolean offer(
      int type, long dueNs, long positionNs, int loop, int generation, long frame, int length) {
    final int index = ring.tryClaim(type, HEAD_BYTES + length);
    if (index < 0) {
      return false;
    }
    final AtomicBuffer buffer = ring.buffer();
    buffer.putLong(index + DUE, dueNs);
    buffer.putLong(index + POSITION, positionNs);
    buffer.putInt(index + LOOP, loop);
    buffer.putInt(index + GENERATION, generation);
    NativeMemory.copy(frame, buffer.addressOffset() + index + HEAD_BYTES, length);
    ring.commit(index);
    return true;
  }

  /** Whether it is so full that sending may begin. */
  boolean isHalfFull() {
    return ring.size() > ring.capacity() / 2;
  }

  /** The longest frame that it takes. */
  int maxFrameBytes() {
    return ring.maxMsgLength() - HEAD_BYTES;
  }

  /** Hands messages over until the handler aborts; how many it has taken. The agent. */
  int read(ControlledMessageHandler handler, int limit) {
    return ring.controlledRead(handler, limit);
  }

  /** Frees it. Neither thread uses it any more. */
  @Override
  public void close() {
    arena.close();
  }
}
