package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalFormat.FIRST_TIMESTAMP_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.FRAME_COUNT_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.HEADER_BYTES;
import static dev.shadowplane.dataplane.journal.JournalFormat.LAST_TIMESTAMP_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.RECORDS_OFFSET;
import static dev.shadowplane.dataplane.journal.JournalFormat.RECORD_PREFIX_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes frame messages to a journal, many to a document, and accounts for each in the ledger. A
 * failure of the disk stops it: from then on frames are counted as shed, until one of the retries,
 * at intervals, succeeds. Allocates nothing a frame; opening, rolling to a new file and retrying
 * do.
 *
 * <p>Belongs to one thread, but for {@link #rules}.
 */
public final class JournalWriter implements AutoCloseable {
  /** A stopped journal is not opened again before this much is free. */
  private static final long MIN_USABLE_BYTES = 4 << 20;

  /** No file has been described, or its description is out of date. */
  private static final int NONE = Integer.MIN_VALUE;

  private static final long NS_PER_MS = 1_000_000L;

  private final JournalOptions options;
  private final JournalLedger ledger;
  private final EpochClock epochClock;
  private final NanoClock nanoClock;
  private final JournalFolder folder;
  private final JournalSpace space;
  private final JournalSession session;
  private final byte[] sessionBody;
  private final JournalStatistics statistics;
  private final JournalDocument batch;
  private final BatchTally tally;
  private JournalDocument description;
  private final AtomicReference<byte @Nullable []> newRules = new AtomicReference<>();
  private byte[] rules = new byte[0];

  private @Nullable SingleChronicleQueue queue;
  private @Nullable ExcerptAppender appender;
  private String stopReason = "";
  private long rollTimeMs;
  private int fileCycle;
  private int describedCycle;
  private long lastPollNs;
  private long batchStartNs;
  private long nextStatisticsNs;
  private long nextRetryNs;

  private int batchFrames;
  private int batchEnd = RECORDS_OFFSET;
  private long firstTimestampNs;
  private long lastTimestampNs;

  /**
   * Opens a journal to append to, and makes its folder if it is missing. A full or failing disk
   * does not throw: the journal then begins stopped.
   *
   * @param options how to write
   * @param ledger is told the state at once
   * @param counters of the ports in {@code options}
   * @param epochClock names the session, stamps documents, and decides when a new file begins
   * @param nanoClock monotonic; times batches, counters and retries
   * @throws JournalException when the folder cannot be used: it cannot be written, or has a writer
   */
  public JournalWriter(
      JournalOptions options,
      JournalLedger ledger,
      PortCounters counters,
      EpochClock epochClock,
      NanoClock nanoClock)
      throws JournalException {
    this.options = options;
    this.ledger = ledger;
    this.epochClock = epochClock;
    this.nanoClock = nanoClock;
    lastPollNs = nanoClock.nanoTime();
    nextStatisticsNs = lastPollNs;
    JournalQueue.requireQuiet(options.folder());
    rollTimeMs = epochClock.time();
    session =
        new JournalSession(rollTimeMs * NS_PER_MS, options.snapLengthBytes(), options.ports());
    sessionBody = JournalFormat.encodeSession(session);
    statistics = new JournalStatistics(options.ports(), counters);
    batch = new JournalDocument(options.batchBytes());
    tally = new BatchTally(options.batchFrames());
    description =
        new JournalDocument(HEADER_BYTES + Math.max(sessionBody.length, statistics.maxBodyBytes()));
    folder = JournalFolder.open(options.folder());
    space = new JournalSpace(folder.path());
    start();
  }

  /** Whether frames are being written. */
  public JournalState state() {
    return appender == null ? JournalState.STOPPED : JournalState.RUNNING;
  }

  /** Why the journal has stopped, in one line; empty when it runs. */
  public String stopReason() {
    return stopReason;
  }

  /**
   * Names the rules; journaled with the next poll. From any thread.
   *
   * @param names by rule id, each at most 255 bytes of UTF-8
   */
  public void rules(Map<Integer, String> names) {
    newRules.set(JournalFormat.encodeRules(names));
  }

  /**
   * Takes a frame message; it is written when its document is full or {@link #poll} finds it due.
   *
   * @param source holds the message, laid out as in {@link JournalRing}
   * @param index of its first byte
   * @param length {@link JournalRing#FRAME_OFFSET} and the frame
   */
  public void append(DirectBuffer source, int index, int length) {
    if (batchFrames == options.batchFrames()
        || length > options.batchBytes() - RECORD_PREFIX_BYTES - batchEnd) {
      flush();
    }
    long timestampNs = source.getLong(index + JournalRing.TIMESTAMP_OFFSET, LITTLE_ENDIAN);
    if (batchFrames == 0) {
      firstTimestampNs = timestampNs;
      lastTimestampNs = timestampNs;
      batchStartNs = lastPollNs;
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
    statistics.frame(source.getShort(index + JournalRing.PORT_OFFSET, LITTLE_ENDIAN));
  }

  /** Writes the frames taken so far, or counts them as shed, and tells the ledger which. */
  public void flush() {
    if (batchFrames == 0) {
      return;
    }
    if (appender != null) {
      try {
        // A rule has its name before its first frame is there.
        takeNewRules();
        describeNewFile();
        UnsafeBuffer buffer = batch.buffer();
        buffer.putLong(FIRST_TIMESTAMP_OFFSET, firstTimestampNs, LITTLE_ENDIAN);
        buffer.putLong(LAST_TIMESTAMP_OFFSET, lastTimestampNs, LITTLE_ENDIAN);
        buffer.putLong(FRAME_COUNT_OFFSET, batchFrames, LITTLE_ENDIAN);
        write(batch, JournalFormat.TYPE_FRAMES, batchEnd);
      } catch (Throwable e) {
        stop(e);
      }
    }
    boolean journaled = appender != null;
    tally.publish(ledger, journaled);
    statistics.settle(journaled);
    batchFrames = 0;
    batchEnd = RECORDS_OFFSET;
  }

  /**
   * Does what time demands: writes frames that have waited long enough, new rule names and
   * counters, and tries a stopped journal again. Once a duty cycle.
   *
   * @return 1 when there was something to do, else 0
   */
  public int poll() {
    long nowNs = nanoClock.nanoTime();
    lastPollNs = nowNs;
    int work = 0;
    if (batchFrames > 0 && nowNs - batchStartNs >= options.batchDelayNs()) {
      flush();
      work = 1;
    }
    if (appender == null) {
      return work + retry(nowNs);
    }
    if (newRules.get() != null || nowNs - nextStatisticsNs >= 0) {
      describe(nowNs);
      work = 1;
    }
    return work;
  }

  private void describe(long nowNs) {
    nextStatisticsNs = nowNs + options.statisticsIntervalNs();
    try {
      takeNewRules();
      describeNewFile();
      writeStatistics();
    } catch (Throwable e) {
      stop(e);
    }
  }

  private void takeNewRules() {
    if (newRules.get() != null) {
      rules = Objects.requireNonNull(newRules.getAndSet(null));
      describedCycle = NONE;
    }
  }

  private int retry(long nowNs) {
    if (nowNs - nextRetryNs < 0) {
      return 0;
    }
    nextRetryNs = nowNs + options.retryIntervalNs();
    try {
      if (folder.usableBytes() < MIN_USABLE_BYTES) {
        return 0;
      }
    } catch (IOException e) {
      return 0;
    }
    flush();
    start();
    return 1;
  }

  private void start() {
    try {
      rollTimeMs = epochClock.time();
      fileCycle = space.openFolder();
      SingleChronicleQueue opened = JournalQueue.openToWrite(folder.path(), () -> rollTimeMs);
      queue = opened;
      describedCycle = NONE;
      ExcerptAppender fresh = opened.createAppender();
      appender = fresh;
      describeNewFile();
      // Opened by whoever assembles the data plane, used by the journal agent's thread from now on.
      fresh.singleThreadedCheckReset();
    } catch (Throwable e) {
      stop(e);
      return;
    }
    stopReason = "";
    ledger.state(JournalState.RUNNING, stopReason);
  }

  private void stop(Throwable failure) {
    boolean news = stopReason.isEmpty();
    stopReason = reason(failure);
    nextRetryNs = lastPollNs + options.retryIntervalNs();
    closeQueue();
    if (news) {
      ledger.state(JournalState.STOPPED, stopReason);
    }
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return failure instanceof IOException && message != null ? message : failure.toString();
  }

  private String reason(Throwable failure) {
    String cause = failure instanceof InternalError ? "the disk refused a page" : text(failure);
    String space = "";
    try {
      space = ", " + folder.usableBytes() + " bytes are free";
    } catch (IOException e) {
      space = ", the file system does not answer: " + e.getMessage();
    }
    return options.folder() + ": journal stopped: " + cause + space + "; it resumes by itself";
  }

  /**
   * Makes every file readable alone: it begins with the session, the rules and the counters, which
   * also follow when the rules have changed.
   */
  private void describeNewFile() throws IOException {
    rollTimeMs = epochClock.time();
    SingleChronicleQueue open = queue;
    if (open == null) {
      return;
    }
    // A clock that steps back goes on in the newest file, as the queue does.
    int cycle = Math.max(open.cycle(), fileCycle);
    if (cycle == describedCycle) {
      return;
    }
    if (cycle != fileCycle) {
      space.enter(cycle);
      fileCycle = cycle;
    }
    writeDescription(JournalFormat.TYPE_SESSION, sessionBody);
    if (rules.length > 0) {
      writeDescription(JournalFormat.TYPE_RULES, rules);
    }
    statistics.forget();
    writeStatistics();
    describedCycle = cycle;
  }

  private void writeDescription(int type, byte[] body) throws IOException {
    if (HEADER_BYTES + body.length > description.capacityBytes()) {
      description = new JournalDocument(HEADER_BYTES + body.length);
    }
    description.buffer().putBytes(HEADER_BYTES, body);
    write(description, type, HEADER_BYTES + body.length);
  }

  private void writeStatistics() throws IOException {
    if (statistics.moved()) {
      int length = HEADER_BYTES + statistics.encode(description.buffer(), HEADER_BYTES);
      write(description, JournalFormat.TYPE_STATISTICS, length);
    }
  }

  private void write(JournalDocument document, int type, int lengthBytes) throws IOException {
    ExcerptAppender open = appender;
    if (open == null) {
      throw new IllegalStateException("the journal is stopped");
    }
    document.seal(type, session.startNs(), rollTimeMs * NS_PER_MS, lengthBytes);
    DocumentContext context = open.writingDocument();
    try {
      Bytes<?> bytes = context.wire().bytes();
      space.reserve(bytes.writePosition(), lengthBytes);
      bytes.write(document.store(), 0L, (long) lengthBytes);
      JournalQueue.raisePendingFault();
    } catch (Throwable e) {
      // Closing commits whatever is there, unless told otherwise first.
      context.rollbackOnClose();
      closeAfter(e, context);
      throw e;
    }
    context.close();
  }

  private static void closeAfter(Throwable failure, AutoCloseable resource) {
    try {
      resource.close();
    } catch (Throwable e) {
      failure.addSuppressed(e);
    }
  }

  private void closeQueue() {
    Throwable ignored = new IllegalStateException("while closing a failed queue");
    ExcerptAppender openAppender = appender;
    appender = null;
    if (openAppender != null) {
      closeAfter(ignored, openAppender);
    }
    SingleChronicleQueue openQueue = queue;
    queue = null;
    if (openQueue != null) {
      closeAfter(ignored, openQueue);
    }
    closeAfter(ignored, space);
  }

  /** Writes what is left, frames and counters, and lets go of the folder. */
  @Override
  public void close() throws JournalException {
    flush();
    if (appender != null) {
      describe(lastPollNs);
    }
    closeQueue();
    try {
      folder.close();
    } catch (IOException e) {
      throw new JournalException(options.folder(), "the lock cannot be released", e);
    }
  }
}
