package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalFormat.HEADER_BYTES;
import static dev.shadowplane.dataplane.journal.JournalFormat.RECORD_PREFIX_BYTES;
import static dev.shadowplane.dataplane.pcap.LinkType.ETHERNET;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.shadowplane.dataplane.privacy.Anonymiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

  /** Before every timestamp, and by far. */
  private static final long NOTHING_YET = Long.MIN_VALUE / 2;

  private final JournalOptions options;
  private final long sessionNs;
  private final JournalDocument batch;
  private final BatchTally tally;
  private final JournalStatistics statistics;
  private final @Nullable DocumentSealer sealer;
  private final int[] framesByPort;
  private Anonymiser[] anonymisers = {};

  private volatile @Nullable JournalSpace space;
  private Path queueFolder = Path.of("");
  private @Nullable SingleChronicleQueue queue;
  private @Nullable ExcerptAppender appender;
  private long timeMs;

  /** What the queue takes for the time: a clock that is set back stays with the newest file. */
  private long rollTimeMs;

  private int fileCycle;

  /** Whether the current file is noted as not being in the order of time. */
  private boolean stepped;

  /** The greatest timestamp in the current file. */
  private long greatestNs;

  private int describedCycle;
  private long describedMs;
  private long nextNumber;

  private int batchFrames;
  private int batchEnd = HEADER_BYTES;
  private long batchStartNs;
  private long firstTimestampNs;
  private long lastTimestampNs;

  /** A queue that is not open yet. */
  JournalQueueWriter(
      JournalOptions options,
      long sessionNs,
      JournalStatistics statistics,
      @Nullable DocumentSealer sealer) {
    this.options = options;
    this.sealer = sealer;
    this.sessionNs = sessionNs;
    this.statistics = statistics;
    batch = new JournalDocument(options.batchBytes());
    tally = new BatchTally(options.batchFrames());
    framesByPort = statistics.newBatch();
  }

  /** What frames undergo that bear their number, from 1 on. */
  void anonymisers(Anonymiser[] byNumber) {
    anonymisers = byNumber;
  }

  /** Opens the queue to append to it, or throws what the disk does, and is to be closed then. */
  void open(Path folder, long nowMs) throws IOException {
    JournalSpace opened = new JournalSpace(folder);
    space = opened;
    queueFolder = folder;
    fileCycle = opened.openFolder();
    time(nowMs);
    stepped = false;
    greatestNs = NOTHING_YET;
    if (fileCycle == rollTimeMs / JournalQueue.ROLL_CYCLE.lengthInMillis()) {
      noteStep();
    }
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

  private void time(long nowMs) {
    timeMs = nowMs;
    rollTimeMs = Math.max(nowMs, (long) fileCycle * JournalQueue.ROLL_CYCLE.lengthInMillis());
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
    target.putBytes(batchEnd + RECORD_PREFIX_BYTES, source, index, length);
    int frameBytes = length - JournalRing.FRAME_OFFSET;
    int anonymisation = source.getByte(index + JournalRing.FLAGS_OFFSET) & 0xFF;
    if (anonymisation != 0) {
      int frame = batchEnd + RECORD_PREFIX_BYTES + JournalRing.FRAME_OFFSET;
      frameBytes = anonymisers[anonymisation - 1].apply(target, frame, frameBytes, ETHERNET);
    }
    target.putInt(batchEnd, JournalRing.FRAME_OFFSET + frameBytes, LITTLE_ENDIAN);
    batchEnd += RECORD_PREFIX_BYTES + JournalRing.FRAME_OFFSET + frameBytes;
    batchFrames++;
    tally.add(source.getInt(index + JournalRing.RULE_ID_OFFSET, LITTLE_ENDIAN), frameBytes);
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
    long startNs = (long) fileCycle * JournalQueue.ROLL_CYCLE.lengthInMillis() * NS_PER_MS;
    if (!stepped
        && (firstTimestampNs < greatestNs - WindowSearch.TOLERANCE_NS
            || firstTimestampNs < startNs - JournalCursor.LATE_NS)) {
      noteStep();
    }
    greatestNs = Math.max(greatestNs, lastTimestampNs);
    batch.range(firstTimestampNs, lastTimestampNs, batchFrames);
    write(batch, JournalFormat.TYPE_FRAMES, batchEnd);
  }

  /** Tells readers that the current file is not in the order of time, before it is not. */
  private void noteStep() throws IOException {
    Path note = JournalFiles.steppedNote(JournalFiles.file(queueFolder, fileCycle));
    Files.write(note, new byte[0], StandardOpenOption.CREATE);
    stepped = true;
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
   * @param nowMs decides when a new file begins
   */
  boolean needsDescription(long nowMs) throws IOException {
    time(nowMs);
    SingleChronicleQueue open = queue;
    JournalSpace openSpace = space;
    if (open == null || openSpace == null) {
      throw new IllegalStateException("the queue is closed");
    }
    int cycle = Math.max(open.cycle(), fileCycle);
    if (cycle == describedCycle) {
      return false;
    }
    if (cycle != fileCycle) {
      openSpace.enter(cycle);
      fileCycle = cycle;
      stepped = false;
      greatestNs = NOTHING_YET;
    }
    if (sealer != null) {
      sealer.enter(cycle);
    }
    return true;
  }

  /** The current file is described. */
  void described() {
    describedCycle = fileCycle;
    describedMs = timeMs;
  }

  /** Has frames described again that come long after the last description. */
  void expireDescription(long nowMs) {
    if (Math.abs(nowMs - describedMs) * NS_PER_MS >= JournalCursor.DESCRIPTION_NS) {
      forgetDescription();
    }
  }

  /** The description is out of date. */
  void forgetDescription() {
    describedCycle = NONE;
  }

  /** Writes a document that holds no frames. */
  void writeDescription(JournalDocument document, int type, int lengthBytes) throws IOException {
    document.range(timeMs * NS_PER_MS, timeMs * NS_PER_MS, 0);
    write(document, type, lengthBytes);
  }

  private JournalDocument seal(JournalDocument document, int type, long number, int lengthBytes) {
    if (sealer != null) {
      return sealer.seal(document, type, number, timeMs * NS_PER_MS, lengthBytes);
    }
    document.seal(type, sessionNs, number, timeMs * NS_PER_MS, lengthBytes);
    return document;
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
      int sealedBytes = lengthBytes + (sealer == null ? 0 : JournalCipher.TAG_BYTES);
      openSpace.reserve(bytes.writePosition(), sealedBytes);
      // A number is never sealed twice: what failed behind this point may be on the disk.
      JournalDocument sealed = seal(document, type, nextNumber++, lengthBytes);
      bytes.write(sealed.store(), 0L, (long) sealedBytes);
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
