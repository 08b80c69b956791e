package dev.shadowplane.dataplane.telemetry;

import static org.agrona.BitUtil.SIZE_OF_INT;
import static org.agrona.BitUtil.SIZE_OF_LONG;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * The sender of replies and events, into the event ring of whichever attachment there is. A reply
 * is an i64 correlation id, an i32 status code and the text; an event is its text.
 */
final class EventRing implements EventSender {
  /** Message type of a reply. */
  static final int REPLY_TYPE = 1;

  static final int REPLY_STATUS_OFFSET = SIZE_OF_LONG;
  static final int REPLY_TEXT_OFFSET = SIZE_OF_LONG + SIZE_OF_INT;

  private final AtomicCounter shed;
  private @Nullable RecordRing ring;

  EventRing(final AtomicCounter shed) {
    this.shed = shed;
  }

  /** Sends into this ring from now on, or nowhere. */
  void use(final @Nullable RecordRing next) {
    ring = next;
  }

  boolean isBroken() {
    return ring != null && ring.isBroken();
  }

  /** Returns whether the longest reply would find room. */
  boolean hasRoomForReply() {
    return ring != null && ring.claim(REPLY_TYPE, ring.maxLengthBytes()) >= 0;
  }

  @Override
  public boolean reply(final long correlationId, final ReplyStatus status, final String text) {
    final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (ring != null && bytes.length > maxTextBytes()) {
      return reply(
          correlationId,
          ReplyStatus.FAILED,
          "reply of "
              + bytes.length
              + " bytes, more than the "
              + maxTextBytes()
              + " that fit: raise the size of the event ring");
    }
    return send(REPLY_TYPE, correlationId, status, bytes);
  }

  @Override
  public boolean event(final int type, final String text) {
    if (type < MIN_EVENT_TYPE) {
      throw new IllegalArgumentException("event type " + type + ": at least " + MIN_EVENT_TYPE);
    }
    return send(type, 0, null, text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int maxTextBytes() {
    return ring == null ? 0 : ring.maxLengthBytes() - REPLY_TEXT_OFFSET;
  }

  private boolean send(
      final int type,
      final long correlationId,
      final @Nullable ReplyStatus status,
      final byte[] text) {
    final int textOffset = status == null ? 0 : REPLY_TEXT_OFFSET;
    final int offset = ring == null ? RecordRing.FULL : ring.claim(type, textOffset + text.length);
    if (ring == null || offset < 0) {
      shed.incrementRelease();
      return false;
    }
    if (status != null) {
      ring.buffer().putLong(offset, correlationId);
      ring.buffer().putInt(offset + REPLY_STATUS_OFFSET, status.code());
    }
    ring.buffer().putBytes(offset + textOffset, text);
    ring.commit(offset);
    return true;
  }
}
