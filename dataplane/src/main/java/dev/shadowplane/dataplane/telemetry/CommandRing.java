package dev.shadowplane.dataplane.telemetry;

import static org.agrona.BitUtil.SIZE_OF_LONG;
import static org.agrona.BitUtil.align;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.ALIGNMENT;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.HEADER_LENGTH;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.lengthOffset;
import static org.agrona.concurrent.ringbuffer.RecordDescriptor.typeOffset;
import static org.agrona.concurrent.ringbuffer.RingBuffer.PADDING_MSG_TYPE_ID;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.HEAD_POSITION_OFFSET;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.checkCapacity;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * The data plane's consuming end of the command ring, which control fills with a {@link
 * OneToOneRingBuffer}. A message is an i64 correlation id and a body of UTF-8.
 *
 * <p>Its own position is kept outside the mapping and the producer's is not read at all. Each
 * length and type is read once, then checked, and the body is copied before it is looked at, so
 * that control cannot change it meanwhile. One thread.
 */
final class CommandRing {
  /** The outcome of one poll. */
  enum Poll {
    /** Nothing there. */
    EMPTY,
    /** The end of the ring was skipped. */
    PADDING,
    /** One command was read. */
    COMMAND,
    /** Control wrote something impossible; {@link #fault()} says what. Poll no further. */
    FAULT
  }

  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final UnsafeBuffer buffer;
  private final int capacity;
  private long head;
  private long correlationId;
  private CommandType type = CommandType.STATUS;
  private String body = "";
  private String fault = "";

  CommandRing(final UnsafeBuffer buffer) {
    this.capacity = checkCapacity(buffer.capacity(), AttachmentConfig.MIN_RING_BYTES);
    this.buffer = buffer;
  }

  /** Reads at most one message. */
  Poll poll() {
    final int index = (int) head & (capacity - 1);
    final int length = buffer.getIntVolatile(lengthOffset(index));
    if (length <= 0) {
      return Poll.EMPTY;
    }
    if (length < HEADER_LENGTH || length > capacity - index) {
      return fault("length " + length + " at " + index + " of a ring of " + capacity + " bytes");
    }
    final int typeId = buffer.getInt(typeOffset(index));
    if (typeId == PADDING_MSG_TYPE_ID) {
      advance(length);
      return Poll.PADDING;
    }
    if (length < HEADER_LENGTH + SIZE_OF_LONG || length > capacity / 8) {
      return fault("length " + length + " of a command, which is 16 to " + capacity / 8);
    }
    final CommandType knownType = CommandType.ofId(typeId);
    if (knownType == null) {
      return fault("unknown command type " + typeId);
    }
    final byte[] bytes = new byte[length - HEADER_LENGTH - SIZE_OF_LONG];
    correlationId = buffer.getLong(index + HEADER_LENGTH);
    buffer.getBytes(index + HEADER_LENGTH + SIZE_OF_LONG, bytes);
    try {
      body = decoder.decode(ByteBuffer.wrap(bytes)).toString();
    } catch (final CharacterCodingException e) {
      return fault("body of " + bytes.length + " bytes that is not UTF-8");
    }
    type = knownType;
    advance(length);
    return Poll.COMMAND;
  }

  /** Returns the correlation id of the command read last. */
  long correlationId() {
    return correlationId;
  }

  /** Returns the type of the command read last. */
  CommandType type() {
    return type;
  }

  /** Returns the body of the command read last. */
  String body() {
    return body;
  }

  /** Returns what control did wrong, after {@link Poll#FAULT}. */
  String fault() {
    return fault;
  }

  private void advance(final int length) {
    final int alignedLength = align(length, ALIGNMENT);
    head += alignedLength;
    buffer.putLongRelease(capacity + HEAD_POSITION_OFFSET, head);
  }

  private Poll fault(final String what) {
    fault = "command ring: " + what;
    return Poll.FAULT;
  }
}
