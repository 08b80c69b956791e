package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalFormat.HEADER_BYTES;
import static dev.shadowplane.dataplane.journal.JournalFormat.RECORD_PREFIX_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One queue of a journal: collects a batch of frames, and writes documents. Belongs to the writer's
 * thread; allocates nothing a frame.
 */
final class JournalQueueWriter {
  /** No file has been described, or its description is out of date. */
  private static final int NONE = Integer.MIN_VALUE;

  private static final long NS_PER_MS = 1_000_000L;

  private final JournalOptions options;
  private final long sessionNs;
  private final JournalDocument batch;
  private final BatchTally tally;
  private final JournalStatistics statistics;
  private final int[] framesByPort;

  private volatile @Nullable JournalSpace space;
  private @Nullable SingleChronicleQueue queue;
  private @Nullable ExcerptAppender appender;
  private long rollTimeMs;
  private int fileCycle;
  private int describedCycle;
  private long nextNumber;

  private int batchFrames;
  private int batchEnd = HEADER_BYTES;
  private long batchStartNs;
  private long firstTimestampNs;
  private long lastTimestampNs;

  /** A queue that is not open yet. */
  JournalQueueWriter(JournalOptions options, long sessionNs, JournalStatistics statistics) {
    this.options = options;
    this.sessionNs = sessionNs;
    this.statistics = statistics;
    batch = new JournalDocument(options.batchBytes());
    tally = new BatchTally(options.batchFrames());
    framesByPort = statistics.newBatch();
  }

  /** Opens the queue to append to it, or throws what the disk does, and is to be closed then. */
  void open(Path folder, long timeMs) throws IOException {
    rollTimeMs = timeMs;
    JournalSpace opened = new JournalSpace(folder);
    space = opened;
    fileCycle = opened.openFolder();
    SingleChronicleQueue openedQueue = JournalQueue.openToWrite(folder, () -> rollTimeMs);
    queue = openedQueue;
    describedCycle = NONE;
    ExcerptAppender fresh = openedQueue.createAppender();
    appender = fresh;
  }

  /** Lets another thread use the queue from here on. */
  void handOver() {
    ExcerptAppender open = appender;
    if (open != null) {
      open.singleThreadedCheckReset();
    }
  }

  boolean hasRoom(int messageBytes) {
    return batchFrames < options.batchFrames()
        && messageBytes <= options.batchBytes() - RECORD_PREFIX_BYTES - batchEnd;
  }

  /** Adds a frame message, for which there is room, to the batch. */
  void add(DirectBuffer source, int index, int length, long nowNs) {
    long timestampNs = source.getLong(index + JournalRing.TIMESTAMP_OFFSET, LITTLE_ENDIAN);
    if (batchFrames == 0) {
      firstTimestampNs = timestampNs;
      lastTimestampNs = timestampNs;
      batchStartNs = nowNs;
    } else {
      firstTimestampNs = Math.min(firstTimestampNs, timestampNs);
      lastTimestampNs = Math.max(lastTimestampNs, timestampNs);
    }
    UnsafeBuffer target = batch.buffer();
    target.putInt(batchEnd, length, LITTLE_ENDIAN);
    target.putBytes(batchEnd + RECORD_PREFIX_BYTES, source, index, length);
    batchEnd += RECORD_PREFIX_BYTES + length;
    batchFrames++;
    tally.add(
        source.getInt(index + JournalRing.RULE_ID_OFFSET, LITTLE_ENDIAN),
        length - JournalRing.FRAME_OFFSET);
    statistics.frame(framesByPort, source.getShort(index + JournalRing.PORT_OFFSET, LITTLE_ENDIAN));
  }

  boolean isEmpty() {
    return batchFrames == 0;
  }

  /** Whether the batch has waited long enough. */
  boolean isDue(long nowNs) {
    return batchFrames > 0 && nowNs - batchStartNs >= options.batchDelayNs();
  }

  /** Writes the batch; {@link #settle} must follow, whether this throws or not. */
  void writeFrames() throws IOException {
    batch.range(firstTimestampNs, lastTimestampNs, batchFrames);
    write(batch, JournalFormat.TYPE_FRAMES, batchEnd);
  }

  /** Tells what became of the batch, and begins the next. */
  void settle(JournalLedger ledger, boolean journaled) {
    tally.publish(ledger, journaled);
    statistics.settle(framesByPort, journaled);
    batchFrames = 0;
    batchEnd = HEADER_BYTES;
  }

  /**
   * Whether the current file, possibly a new one, has yet to be told what its frames are about.
   *
   * @param timeMs decides when a new file begins
   */
  boolean needsDescription(long timeMs) throws IOException {
    rollTimeMs = timeMs;
    SingleChronicleQueue open = queue;
    JournalSpace openSpace = space;
    if (open == null || openSpace == null) {
      throw new IllegalStateException("the queue is closed");
    }
    // A clock that steps back goes on in the newest file, as the queue does.
    int cycle = Math.max(open.cycle(), fileCycle);
    if (cycle == describedCycle) {
      return false;
    }
    if (cycle != fileCycle) {
      openSpace.enter(cycle);
      fileCycle = cycle;
    }
    return true;
  }

  /** The current file is described. */
  void described() {
    describedCycle = fileCycle;
  }

  /** The description is out of date. */
  void forgetDescription() {
    describedCycle = NONE;
  }

  /** Writes a document that holds no frames. */
  void writeDescription(JournalDocument document, int type, int lengthBytes) throws IOException {
    document.range(rollTimeMs * NS_PER_MS, rollTimeMs * NS_PER_MS, 0);
    write(document, type, lengthBytes);
  }

  private void write(JournalDocument document, int type, int lengthBytes) throws IOException {
    ExcerptAppender open = appender;
    JournalSpace openSpace = space;
    if (open == null || openSpace == null) {
      throw new IllegalStateException("the queue is closed");
    }
    DocumentContext context = open.writingDocument();
    try {
      Bytes<?> bytes = context.wire().bytes();
      openSpace.reserve(bytes.writePosition(), lengthBytes);
      // A number is never sealed twice: what failed behind this point may be on the disk.
      document.seal(type, sessionNs, nextNumber++, rollTimeMs * NS_PER_MS, lengthBytes);
      bytes.write(document.store(), 0L, (long) lengthBytes);
      JournalQueue.raisePendingFault();
      openSpace.written(Objects.requireNonNull(bytes.bytesStore()), bytes.writePosition());
    } catch (Throwable e) {
      // Closing commits whatever is there, unless told otherwise first.
      context.rollbackOnClose();
      closeAfter(e, context);
      throw e;
    }
    context.close();
  }

  /** The file that is being written, for any thread; null while there is none. */
  @Nullable JournalAhead ahead() {
    JournalSpace open = space;
    return open == null ? null : open.ahead();
  }

  private static void closeAfter(Throwable failure, @Nullable AutoCloseable resource) {
    try {
      if (resource != null) {
        resource.close();
      }
    } catch (Throwable e) {
      failure.addSuppressed(e);
    }
  }

  /** Lets go of the files; {@link #open} may follow. The batch stays. */
  void close() {
    Throwable ignored = new IllegalStateException("while closing a failed queue");
    closeAfter(ignored, appender);
    appender = null;
    closeAfter(ignored, queue);
    queue = null;
    closeAfter(ignored, space);
    space = null;
  }
}
