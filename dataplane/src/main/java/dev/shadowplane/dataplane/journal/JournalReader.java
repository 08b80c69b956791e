package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalFormat.HEADER_BYTES;
import static dev.shadowplane.dataplane.journal.JournalFormat.RECORD_PREFIX_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of a time range from a journal, also while it is being written. Every document
 * is copied and checked before use, so the files may be hostile; damage is told to the events, and
 * reading goes on beyond it. Nothing is allocated a frame.
 *
 * <p>Frames come in the order of writing: in time order from each worker, one worker after the
 * other. Not thread safe. The accessors describe the frame of the last {@link #next} that returned
 * true.
 */
public final class JournalReader implements AutoCloseable {
  private final List<JournalCursor> cursors = new ArrayList<>();
  private final JournalDocument document;
  private final UnsafeBuffer buffer;
  private final JournalEvents events;
  private final long fromNs;
  private final long toNs;
  private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
  private @Nullable JournalSession session;
  private JournalCursor cursor;
  private int messageIndex;
  private int messageLength;
  private int recordIndex;
  private int recordsEnd;

  /**
   * Opens a journal.
   *
   * @param folder of the journal
   * @param fromNs the first nanosecond of the range, since the epoch
   * @param toNs the first nanosecond after it
   * @param events is told what is no frame
   * @throws JournalException when there is no journal or it cannot be opened
   */
  public JournalReader(Path folder, long fromNs, long toNs, JournalEvents events)
      throws JournalException {
    JournalQueue.requireQuiet(folder);
    this.fromNs = fromNs;
    this.toNs = toNs;
    this.events = events;
    document = new JournalDocument(JournalOptions.MAX_BATCH_BYTES);
    buffer = document.buffer();
    cursor = open(folder);
  }

  /** Opens a cursor a queue, and returns the first. */
  private JournalCursor open(Path folder) throws JournalException {
    try {
      for (Path queue : JournalFiles.queues(folder).values()) {
        if (!JournalFiles.list(queue).isEmpty()) {
          cursors.add(new JournalCursor(queue, document));
        }
      }
    } catch (JournalException e) {
      close();
      throw e;
    } catch (IOException e) {
      close();
      throw new JournalException(folder, "no journal: the folder cannot be read", e);
    }
    if (cursors.isEmpty()) {
      throw new JournalException(
          folder, "no journal: the folder holds no " + JournalFiles.SUFFIX + " file");
    }
    return cursors.getFirst();
  }

  /**
   * Moves to the next frame of the range.
   *
   * @return false when there is none at present; a writer may add one later
   * @throws JournalException as the events throw it; the next call goes on beyond the damage
   */
  public boolean next() throws JournalException {
    do {
      while (recordIndex < recordsEnd) {
        if (nextRecord()) {
          return true;
        }
      }
    } while (nextDocument());
    return false;
  }

  private boolean nextRecord() throws JournalException {
    int rest = recordsEnd - recordIndex - RECORD_PREFIX_BYTES;
    int length = rest < 0 ? -1 : buffer.getInt(recordIndex, LITTLE_ENDIAN);
    if (length < JournalRing.FRAME_OFFSET || length > rest) {
      recordIndex = recordsEnd;
      events.damage(cursor.damage("a frame of " + length + " bytes leaves its document"));
      return false;
    }
    messageIndex = recordIndex + RECORD_PREFIX_BYTES;
    messageLength = length;
    recordIndex = messageIndex + length;
    long timestampNs = timestampNs();
    return timestampNs >= fromNs && timestampNs < toNs;
  }

  private boolean nextDocument() throws JournalException {
    recordIndex = 0;
    recordsEnd = 0;
    int length = JournalCursor.END;
    try {
      for (int i = 0; length == JournalCursor.END && i < cursors.size(); i++) {
        cursor = cursors.get(i);
        length = cursor.next();
      }
    } catch (JournalException e) {
      events.damage(e);
      return true;
    }
    if (length == JournalCursor.END) {
      return false;
    }
    String fault = document.fault(length);
    if (fault == null) {
      fault = decode(length);
    }
    if (fault != null) {
      events.damage(cursor.damage(fault));
    }
    return true;
  }

  private @Nullable String decode(int length) throws JournalException {
    try {
      switch (document.type()) {
        case JournalFormat.TYPE_SESSION -> {
          JournalSession described =
              JournalFormat.decodeSession(document.sessionNs(), document.body(length));
          session = described;
          events.session(described);
        }
        case JournalFormat.TYPE_FRAMES -> openFrames(length);
        case JournalFormat.TYPE_STATISTICS -> decodeStatistics(document.body(length));
        case JournalFormat.TYPE_RULES ->
            events.rules(JournalFormat.decodeRules(document.body(length)));
        default -> {
          return "document type " + document.type() + " is unknown";
        }
      }
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
    return null;
  }

  private void openFrames(int length) {
    JournalSession described = session;
    if (described != null && described.startNs() != document.sessionNs()) {
      session = null;
    }
    boolean overlaps = document.lastNs() >= fromNs && document.firstNs() < toNs;
    recordIndex = HEADER_BYTES;
    recordsEnd = overlaps ? length : HEADER_BYTES;
  }

  private void decodeStatistics(ByteBuffer body) {
    int rows =
        (body.remaining() - JournalFormat.STATISTICS_COUNT_BYTES)
            / JournalFormat.STATISTICS_ENTRY_BYTES;
    if (body.remaining() < JournalFormat.STATISTICS_COUNT_BYTES || body.getLong() != rows) {
      throw new IllegalArgumentException("statistics leave their document");
    }
    JournalSession current = session;
    if (current == null || current.startNs() != document.sessionNs()) {
      current = new JournalSession(document.sessionNs(), JournalRing.MAX_FRAME_BYTES, List.of());
    }
    for (int i = 0; i < rows; i++) {
      PortStatistics statistics =
          new PortStatistics((int) body.getLong(), body.getLong(), body.getLong(), body.getLong());
      events.statistics(current, document.timeNs(), statistics);
    }
  }

  /** The session that the frame belongs to; null when its description is lost. */
  public @Nullable JournalSession session() {
    return session;
  }

  /** Nanoseconds since the epoch. */
  public long timestampNs() {
    return buffer.getLong(messageIndex + JournalRing.TIMESTAMP_OFFSET, LITTLE_ENDIAN);
  }

  /** The rule that chose the frame. */
  public int ruleId() {
    return buffer.getInt(messageIndex + JournalRing.RULE_ID_OFFSET, LITTLE_ENDIAN);
  }

  /** The frame's length on the wire. */
  public int originalLengthBytes() {
    return buffer.getInt(messageIndex + JournalRing.ORIGINAL_LENGTH_OFFSET, LITTLE_ENDIAN);
  }

  /** How much of the frame is here. */
  public int capturedLengthBytes() {
    return messageLength - JournalRing.FRAME_OFFSET;
  }

  /** The frame's port, 0 to 65,535. */
  public int portIndex() {
    return Short.toUnsignedInt(
        buffer.getShort(messageIndex + JournalRing.PORT_OFFSET, LITTLE_ENDIAN));
  }

  /** 1 received, 2 transmitted by its port. */
  public int direction() {
    return buffer.getByte(messageIndex + JournalRing.DIRECTION_OFFSET) & 0xFF;
  }

  /** The number of the anonymisation that the frame has undergone; 0 for none. */
  public int flags() {
    return buffer.getByte(messageIndex + JournalRing.FLAGS_OFFSET) & 0xFF;
  }

  /** The flow hash of the parser, 0 when it did not run. */
  public int flowHash() {
    return buffer.getInt(messageIndex + JournalRing.FLOW_HASH_OFFSET, LITTLE_ENDIAN);
  }

  /** The frame's bytes in native memory, valid until the following {@link #next}. */
  public long frameAddress() {
    return buffer.addressOffset() + messageIndex + JournalRing.FRAME_OFFSET;
  }

  /** The frame's bytes, valid until the following {@link #next}: a view that the reader reuses. */
  public DirectBuffer frame() {
    view.wrap(buffer, messageIndex + JournalRing.FRAME_OFFSET, capturedLengthBytes());
    return view;
  }

  @Override
  public void close() {
    cursors.forEach(JournalCursor::close);
  }
}
