package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * A worker's end of its ring to the journal agent, and the layout of a frame message:
 * little-endian, a header of 24 bytes, then the frame. Everything but {@link #ring} belongs to the
 * worker's thread and allocates nothing.
 */
public final class JournalRing {
  /** Nanoseconds since the epoch, 64 bits. */
  public static final int TIMESTAMP_OFFSET = 0;

  /** The rule that chose the frame, 32 bits. */
  public static final int RULE_ID_OFFSET = 8;

  /** The frame's length on the wire, 32 bits. */
  public static final int ORIGINAL_LENGTH_OFFSET = 12;

  /** The four bytes of {@link #source}. */
  public static final int SOURCE_OFFSET = 16;

  /** The frame's port, 16 bits unsigned. */
  public static final int PORT_OFFSET = 16;

  /** 1 received, 2 transmitted, as in pcapng; 8 bits. */
  public static final int DIRECTION_OFFSET = 18;

  /** The number of the anonymisation that the frame undergoes on its way to the disk; 8 bits. */
  public static final int FLAGS_OFFSET = 19;

  /** The flow hash of the parser, 32 bits. */
  public static final int FLOW_HASH_OFFSET = 20;

  /** The frame's first byte. */
  public static final int FRAME_OFFSET = 24;

  /** The message type of a frame. */
  public static final int FRAME_MESSAGE_TYPE = 1;

  /** No ring takes a longer frame, however large it is; capture files share the limit. */
  public static final int MAX_FRAME_BYTES = 262_144;

  private static final int DIRECTION_SHIFT = 16;
  private static final int FLAGS_SHIFT = 24;

  private final OneToOneRingBuffer ring;
  private final UnsafeBuffer segment = new UnsafeBuffer(0, 0);
  private final int maxFrameBytes;
  private int claimIndex;
  private int appendIndex;
  private ShedReason refusal = ShedReason.RING_FULL;

  /**
   * Wraps a ring.
   *
   * @param ring shared with one journal agent; an eighth of its capacity bounds a frame
   */
  public JournalRing(OneToOneRingBuffer ring) {
    this.ring = ring;
    maxFrameBytes = Math.min(MAX_FRAME_BYTES, ring.maxMsgLength() - FRAME_OFFSET);
  }

  /**
   * Makes a ring in direct memory.
   *
   * @param capacityBytes a power of two
   */
  public static JournalRing allocate(int capacityBytes) {
    ByteBuffer memory =
        ByteBuffer.allocateDirect(capacityBytes + RingBufferDescriptor.TRAILER_LENGTH);
    return new JournalRing(new OneToOneRingBuffer(new UnsafeBuffer(memory)));
  }

  /** Packs the fields that stay the same for a port and direction, to be computed once. */
  public static int source(int portIndex, int direction, int flags) {
    return (portIndex & 0xFFFF) | (direction & 0xFF) << DIRECTION_SHIFT | flags << FLAGS_SHIFT;
  }

  /** The ring, for the journal agent. */
  public OneToOneRingBuffer ring() {
    return ring;
  }

  /** The longest frame that this ring takes. */
  public int maxFrameBytes() {
    return maxFrameBytes;
  }

  /** Why the last {@link #tryWrite} or {@link #tryClaim} returned false. */
  public ShedReason refusal() {
    return refusal;
  }

  /**
   * Copies a frame of one segment into the ring.
   *
   * @param timestampNs since the epoch
   * @param ruleId the rule that chose it
   * @param originalLengthBytes its length on the wire
   * @param source port and direction, from {@link #source}
   * @param flowHash of the parser, 0 when it did not run
   * @param frameAddress its first byte in native memory
   * @param lengthBytes how much of it to journal
   * @return false when the frame was not taken: the caller counts it as shed for {@link #refusal}
   */
  public boolean tryWrite(
      long timestampNs,
      int ruleId,
      int originalLengthBytes,
      int source,
      int flowHash,
      long frameAddress,
      int lengthBytes) {
    if (!tryClaim(timestampNs, ruleId, originalLengthBytes, source, flowHash, lengthBytes)) {
      return false;
    }
    append(frameAddress, lengthBytes);
    commit();
    return true;
  }

  /**
   * Begins a frame of several segments, which {@link #append} and {@link #commit} must follow.
   *
   * @param timestampNs since the epoch
   * @param ruleId the rule that chose it
   * @param originalLengthBytes its length on the wire
   * @param source port and direction, from {@link #source}
   * @param flowHash of the parser, 0 when it did not run
   * @param lengthBytes the sum of what will be appended
   * @return false when the frame was not taken: the caller counts it as shed for {@link #refusal}
   */
  public boolean tryClaim(
      long timestampNs,
      int ruleId,
      int originalLengthBytes,
      int source,
      int flowHash,
      int lengthBytes) {
    if (lengthBytes < 0 || lengthBytes > maxFrameBytes) {
      refusal = ShedReason.FRAME_TOO_LONG;
      return false;
    }
    int index = ring.tryClaim(FRAME_MESSAGE_TYPE, FRAME_OFFSET + lengthBytes);
    if (index < 0) {
      refusal = ShedReason.RING_FULL;
      return false;
    }
    UnsafeBuffer buffer = (UnsafeBuffer) ring.buffer();
    buffer.putLong(index + TIMESTAMP_OFFSET, timestampNs, LITTLE_ENDIAN);
    buffer.putInt(index + RULE_ID_OFFSET, ruleId, LITTLE_ENDIAN);
    buffer.putInt(index + ORIGINAL_LENGTH_OFFSET, originalLengthBytes, LITTLE_ENDIAN);
    buffer.putInt(index + SOURCE_OFFSET, source, LITTLE_ENDIAN);
    buffer.putInt(index + FLOW_HASH_OFFSET, flowHash, LITTLE_ENDIAN);
    claimIndex = index;
    appendIndex = index + FRAME_OFFSET;
    return true;
  }

  /** Copies the claimed frame's next bytes from native memory. */
  public void append(long address, int lengthBytes) {
    segment.wrap(address, lengthBytes);
    ring.buffer().putBytes(appendIndex, segment, 0, lengthBytes);
    appendIndex += lengthBytes;
  }

  /** Hands the claimed frame to the journal agent. */
  public void commit() {
    ring.commit(claimIndex);
  }
}
