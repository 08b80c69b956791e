package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalFormat.RECORD_PREFIX_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The frames of one queue, and what it says beside them, for a reader that merges several. */
final class JournalLane implements AutoCloseable {
  /** What is known of the next frame. */
  enum State {
    /** It is there. */
    READY,
    /** {@link #advance} will tell. */
    UNREAD,
    /** There is none at present. */
    IDLE,
    /** There will be none. */
    ENDED
  }

  private final int queue;
  private final long fromNs;
  private final long toNs;
  private final JournalCursor cursor;
  private final DocumentBody body;
  private final JournalEvents events;
  private final UnaryOperator<JournalSession> sessions;
  private State state = State.UNREAD;
  private @Nullable JournalSession session;
  private Map<Integer, String> rules = Map.of();
  private long documents;
  private UnsafeBuffer buffer;
  private int messageIndex;
  private int messageLength;
  private int recordIndex;
  private int recordsEnd;
  private long timestampNs;

  /**
   * Opens a queue.
   *
   * @param folder of the queue
   * @param sessions is told each description, and gives one object for all that are equal
   */
  JournalLane(
      Path folder,
      int queue,
      JournalQuery query,
      JournalEvents events,
      UnaryOperator<JournalSession> sessions)
      throws IOException {
    this.queue = queue;
    this.events = events;
    this.sessions = sessions;
    fromNs = query.fromNs();
    toNs = query.toNs();
    cursor = new JournalCursor(folder, fromNs, toNs, query.follow());
    body = new DocumentBody(queue, query.keys().orElse(null));
    buffer = body.buffer();
  }

  /**
   * Looks for the next frame.
   *
   * @return {@link State#READY}, {@link State#IDLE} or {@link State#ENDED}
   * @throws JournalException as the events throw it, or when a key is missing; the next call goes
   *     on behind
   */
  State advance() throws JournalException {
    state = State.UNREAD;
    while (!nextRecord()) {
      switch (cursor.next()) {
        case DOCUMENT -> document();
        case GAP -> events.damage(new JournalException(cursor.gap()));
        case END -> {
          state = State.IDLE;
          return state;
        }
        case FINISHED -> {
          state = State.ENDED;
          return state;
        }
      }
    }
    state = State.READY;
    return state;
  }

  private boolean nextRecord() throws JournalException {
    while (recordIndex < recordsEnd) {
      int rest = recordsEnd - recordIndex - RECORD_PREFIX_BYTES;
      int length = rest < 0 ? -1 : buffer.getInt(recordIndex, LITTLE_ENDIAN);
      if (length < JournalRing.FRAME_OFFSET || length > rest) {
        recordIndex = recordsEnd;
        throwOver("a frame of " + length + " bytes leaves its document");
        return false;
      }
      messageIndex = recordIndex + RECORD_PREFIX_BYTES;
      messageLength = length;
      recordIndex = messageIndex + length;
      timestampNs = buffer.getLong(messageIndex + JournalRing.TIMESTAMP_OFFSET, LITTLE_ENDIAN);
      if (timestampNs >= fromNs && timestampNs < toNs) {
        return true;
      }
    }
    return false;
  }

  /** Tells of a document that is intact as the writer left it, and still cannot be read. */
  private void throwOver(String reason) throws JournalException {
    events.damage(
        new JournalException(
            cursor.path(), "document " + cursor.header().number() + ": " + reason));
  }

  private void document() throws JournalException {
    DocumentHeader header = cursor.header();
    documents++;
    recordIndex = 0;
    recordsEnd = 0;
    String fault;
    try {
      fault = body.open(header, cursor.memory(), cursor.cycle());
    } catch (DocumentBody.NoKeyException e) {
      throw new JournalException(cursor.path(), String.valueOf(e.getMessage()));
    }
    if (fault == null) {
      fault = decode(header);
    }
    if (fault != null) {
      throwOver(fault);
    }
  }

  private @Nullable String decode(DocumentHeader header) {
    JournalSession described = session;
    if (described != null && described.startNs() != header.sessionNs()) {
      session = null;
      rules = Map.of();
    }
    try {
      switch (header.type()) {
        case JournalFormat.TYPE_SESSION ->
            session = sessions.apply(JournalFormat.decodeSession(header.sessionNs(), body.bytes()));
        case JournalFormat.TYPE_STATISTICS -> decodeStatistics(header, body.bytes());
        case JournalFormat.TYPE_RULES -> name(JournalFormat.decodeRules(body.bytes()));
        default -> {
          buffer = body.buffer();
          recordIndex = body.start();
          recordsEnd = body.end();
        }
      }
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
    return null;
  }

  private void name(Map<Integer, String> names) {
    if (!names.equals(rules)) {
      rules = names;
      events.rules(names);
    }
  }

  private void decodeStatistics(DocumentHeader header, ByteBuffer bytes) {
    int rows =
        (bytes.remaining() - JournalFormat.STATISTICS_COUNT_BYTES)
            / JournalFormat.STATISTICS_ENTRY_BYTES;
    if (bytes.remaining() < JournalFormat.STATISTICS_COUNT_BYTES || bytes.getLong() != rows) {
      throw new IllegalArgumentException("statistics leave their document");
    }
    JournalSession current = session;
    if (current == null) {
      current = new JournalSession(header.sessionNs(), JournalRing.MAX_FRAME_BYTES, List.of());
    }
    for (int i = 0; i < rows; i++) {
      PortStatistics statistics =
          new PortStatistics(
              (int) bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
      events.statistics(current, header.timeNs(), statistics);
    }
  }

  State state() {
    return state;
  }

  int queue() {
    return queue;
  }

  /** Of the next frame. */
  long timestampNs() {
    return timestampNs;
  }

  /** Documents opened so far: the frames of one come without reading. */
  long documents() {
    return documents;
  }

  UnsafeBuffer buffer() {
    return buffer;
  }

  int messageIndex() {
    return messageIndex;
  }

  int messageLength() {
    return messageLength;
  }

  @Nullable JournalSession session() {
    return session;
  }

  @Nullable String ruleName(int id) {
    return rules.get(id);
  }

  JournalCursor cursor() {
    return cursor;
  }

  @Override
  public void close() {
    cursor.close();
  }
}
