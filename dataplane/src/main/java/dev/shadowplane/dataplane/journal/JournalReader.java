package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of a time range from a journal, also while it is being written: the writer
 * notices nothing of it. Every document is copied and checked before use, so the files may be
 * hostile; damage is told to the events, and reading goes on beyond it. Nothing is allocated a
 * frame, and memory does not depend on the journal's size: some MiB a queue.
 *
 * <p>The queues are merged: of the next frames of all queues comes that with the least timestamp,
 * of several the one of the queue with the lowest number. Frames of one queue keep the order in
 * which their worker handed them over. A reader that follows does not wait for an idle queue; where
 * it has caught up with the writer, frames of different queues may be out of order by as much as
 * the writer leaves between taking a frame and writing it: the batch delay (by default 1 ms) and
 * the time that frames spend in the worker's ring.
 *
 * <p>Not thread safe. The accessors describe the frame of the last {@link #next} that returned
 * true.
 */
public final class JournalReader implements AutoCloseable {
  private static final long NEW_QUEUES_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long NOTHING_ELSE = Long.MAX_VALUE;

  private final JournalQuery query;
  private final JournalEvents events;
  private final SortedMap<Integer, JournalLane> lanes = new TreeMap<>();
  private final Map<Long, JournalSession> sessions = new HashMap<>();
  private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
  private JournalLane[] order = new JournalLane[0];
  private @Nullable JournalLane current;
  private long currentDocuments;

  /** The least timestamp of the other lanes, and whether the current lane goes first at a tie. */
  private long othersNs;

  private boolean firstAtTie;
  private long nextLookNs;
  private UnsafeBuffer buffer = view;
  private int messageIndex;
  private int messageLength;

  /**
   * Opens a journal.
   *
   * @param query what to read
   * @param events is told what is no frame
   * @throws JournalException when there is no journal (a reader that follows takes an empty folder)
   *     or it cannot be read
   */
  public JournalReader(JournalQuery query, JournalEvents events) throws JournalException {
    this.query = query;
    this.events = events;
    try {
      openNewQueues();
      if (lanes.isEmpty() && !query.follow()) {
        throw new JournalException(
            query.folder(), "no journal: the folder holds no " + JournalFiles.SUFFIX + " file");
      }
    } catch (JournalException e) {
      close();
      throw e;
    } catch (IOException e) {
      close();
      throw new JournalException(query.folder(), "no journal: it cannot be read: " + e, e);
    }
  }

  /**
   * Opens a journal that is not encrypted.
   *
   * @param folder of the journal
   * @param fromNs the first nanosecond of the range, since the epoch
   * @param toNs the first nanosecond after it
   * @param events is told what is no frame
   * @throws JournalException when there is no journal or it cannot be read
   */
  public JournalReader(Path folder, long fromNs, long toNs, JournalEvents events)
      throws JournalException {
    this(JournalQuery.of(folder).range(fromNs, toNs), events);
  }

  private boolean openNewQueues() throws IOException {
    boolean found = false;
    for (Map.Entry<Integer, Path> queue : JournalFiles.queues(query.folder()).entrySet()) {
      int number = queue.getKey();
      if (!lanes.containsKey(number) && !JournalFiles.list(queue.getValue()).isEmpty()) {
        lanes.put(
            number, new JournalLane(queue.getValue(), number, query, laneEvents(), this::intern));
        found = true;
      }
    }
    order = lanes.values().toArray(new JournalLane[0]);
    nextLookNs = System.nanoTime() + NEW_QUEUES_INTERVAL_NS;
    return found;
  }

  /** The writer keeps the counters in its first queue up to date; the others repeat them. */
  private JournalEvents laneEvents() {
    return lanes.isEmpty() ? events : new WithoutStatistics(events);
  }

  private record WithoutStatistics(JournalEvents events) implements JournalEvents {
    @Override
    public void rules(Map<Integer, String> names) {
      events.rules(names);
    }

    @Override
    public void damage(JournalException damage) throws JournalException {
      events.damage(damage);
    }
  }

  private JournalSession intern(JournalSession described) {
    JournalSession known = sessions.get(described.startNs());
    if (known != null && known.equals(described)) {
      return known;
    }
    sessions.put(described.startNs(), described);
    events.session(described);
    return described;
  }

  /**
   * Moves to the next frame of the range.
   *
   * @return false when there is none: for good, or, if the reader follows, at present
   * @throws JournalException as the events throw it, or when a document needs a key that is
   *     missing; the next call goes on beyond it
   */
  public boolean next() throws JournalException {
    JournalLane lane = current;
    if (lane != null && lane.advance() == JournalLane.State.READY) {
      long timestampNs = lane.timestampNs();
      if (lane.documents() == currentDocuments
          && (timestampNs < othersNs || (timestampNs == othersNs && firstAtTie))) {
        show(lane);
        return true;
      }
    }
    return select();
  }

  /** Idle queues are asked again with each document, not with each frame. */
  private boolean select() throws JournalException {
    JournalLane last = current;
    current = null;
    return select(last == null || last.documents() != currentDocuments)
        || select(true)
        || (lookForQueues() && select(true));
  }

  private boolean select(boolean askIdle) throws JournalException {
    JournalLane least = null;
    othersNs = NOTHING_ELSE;
    firstAtTie = true;
    for (JournalLane lane : order) {
      if (state(lane, askIdle) == JournalLane.State.READY) {
        long timestampNs = lane.timestampNs();
        if (least == null) {
          least = lane;
        } else if (timestampNs < least.timestampNs()) {
          othersNs = least.timestampNs();
          firstAtTie = false;
          least = lane;
        } else if (timestampNs < othersNs) {
          othersNs = timestampNs;
          firstAtTie = true;
        }
      }
    }
    if (least == null) {
      return false;
    }
    current = least;
    currentDocuments = least.documents();
    show(least);
    return true;
  }

  private static JournalLane.State state(JournalLane lane, boolean askIdle)
      throws JournalException {
    return switch (lane.state()) {
      case UNREAD -> lane.advance();
      case IDLE -> askIdle ? lane.advance() : lane.state();
      case READY, ENDED -> lane.state();
    };
  }

  private boolean lookForQueues() throws JournalException {
    if (!query.follow() || System.nanoTime() - nextLookNs < 0) {
      return false;
    }
    try {
      return openNewQueues();
    } catch (JournalException e) {
      throw e;
    } catch (IOException e) {
      throw new JournalException(query.folder(), "the journal cannot be read: " + e, e);
    }
  }

  private void show(JournalLane lane) {
    buffer = lane.buffer();
    messageIndex = lane.messageIndex();
    messageLength = lane.messageLength();
  }

  /** How many bytes of the journal have been gone through, up to {@link #plannedBytes}. */
  public long passedBytes() {
    long bytes = 0;
    for (JournalLane lane : order) {
      bytes += lane.cursor().passedBytes();
    }
    return bytes;
  }

  /** How many bytes were to be gone through when the reader was opened. */
  public long plannedBytes() {
    long bytes = 0;
    for (JournalLane lane : order) {
      bytes += lane.cursor().plannedBytes();
    }
    return bytes;
  }

  /** How many bytes were taken from files, those to find the range included. */
  public long readBytes() {
    long bytes = 0;
    for (JournalLane lane : order) {
      bytes += lane.cursor().memory().bytesRead();
    }
    return bytes;
  }

  private JournalLane current() {
    JournalLane lane = current;
    if (lane == null) {
      throw new IllegalStateException("there is no frame: call next() first");
    }
    return lane;
  }

  /** The session that the frame belongs to; null when its description is lost. */
  public @Nullable JournalSession session() {
    return current().session();
  }

  /** The queue, which is the worker, that the frame comes from. */
  public int queue() {
    return current().queue();
  }

  /** The name of the rule that chose the frame; null when the journal does not say it there. */
  public @Nullable String ruleName() {
    return current().ruleName(ruleId());
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
    for (JournalLane lane : lanes.values()) {
      lane.close();
    }
  }
}
