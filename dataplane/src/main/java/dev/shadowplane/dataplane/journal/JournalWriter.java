package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalFormat.HEADER_BYTES;

import dev.shadowplane.dataplane.privacy.Anonymiser;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Writes frame messages to the queues of a journal, many to a document, and accounts for each in
 * the ledger. A failure of the disk stops it: from then on frames are counted as shed, until one of
 * the retries, at intervals, succeeds. Allocates nothing a frame; opening, rolling to a new file
 * and retrying do.
 *
 * <p>Belongs to one thread, but for {@link #rules}.
 */
public final class JournalWriter implements AutoCloseable {
  /** A stopped journal is not opened again before this much is free. */
  private static final long MIN_USABLE_BYTES = 4 << 20;

  private static final long NS_PER_MS = 1_000_000L;

  private final JournalOptions options;
  private final JournalLedger ledger;
  private final EpochClock epochClock;
  private final NanoClock nanoClock;
  private final JournalFolder folder;
  private final byte[] sessionBody;
  private final JournalStatistics statistics;
  private final JournalQueueWriter[] queues;
  private JournalDocument description;
  private final AtomicReference<byte @Nullable []> newRules = new AtomicReference<>();
  private byte[] rules = new byte[0];

  /** Set by the helper. */
  private volatile @Nullable Fault fault;

  private record Fault(JournalAhead file, String reason) {}

  private boolean running;
  private String stopReason = "";
  private long lastPollNs;
  private long nextStatisticsNs;
  private long nextRetryNs;

  /**
   * Opens a journal to append to, and makes its folder if it is missing. A full or failing disk
   * does not throw: the journal then begins stopped.
   *
   * @param options how to write
   * @param ledger is told the state at once
   * @param counters of the ports in {@code options}
   * @param epochClock names the session, stamps documents, and decides when a new file begins
   * @param nanoClock monotonic; times batches, counters and retries
   * @throws JournalException when the folder cannot be used: it cannot be written, or has a writer;
   *     or the key file not be read
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
    JournalSession session =
        new JournalSession(
            epochClock.time() * NS_PER_MS, options.snapLengthBytes(), options.ports());
    sessionBody = JournalFormat.encodeSession(session);
    statistics = new JournalStatistics(options.ports(), counters);
    description =
        new JournalDocument(HEADER_BYTES + Math.max(sessionBody.length, statistics.maxBodyBytes()));
    queues = new JournalQueueWriter[options.queues()];
    if (options.keyFile().isPresent()) {
      JournalKeys.read(options.keyFile().get());
    }
    Arrays.setAll(
        queues,
        number ->
            new JournalQueueWriter(
                options,
                session.startNs(),
                statistics,
                options
                    .keyFile()
                    .map(keys ->
                        new DocumentSealer(keys, number, session.startNs(), ledger::warning))
                    .orElse(null)));
    folder = JournalFolder.open(options.folder());
    start();
  }

  /** Whether frames are being written. */
  public JournalState state() {
    return running ? JournalState.RUNNING : JournalState.STOPPED;
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
   * Says what frames undergo that bear a number, before the first of them.
   *
   * @param byNumber the anonymisation of number 1 and those after it; used by the writer's thread
   *     alone
   */
  public void anonymisers(List<Anonymiser> byNumber) {
    for (JournalQueueWriter queue : queues) {
      queue.anonymisers(byNumber.toArray(Anonymiser[]::new));
    }
  }

  /**
   * Takes a frame message; it is written when its document is full or {@link #poll} finds it due.
   *
   * @param queue number of the queue, from 0
   * @param source holds the message, laid out as in {@link JournalRing}
   * @param index of its first byte
   * @param length {@link JournalRing#FRAME_OFFSET} and the frame
   */
  public void append(int queue, DirectBuffer source, int index, int length) {
    JournalQueueWriter target = queues[queue];
    if (!target.hasRoom(length)) {
      flush(target);
    }
    target.add(source, index, length, lastPollNs);
  }

  /** The file that a queue writes, for any thread; null while there is none. */
  @Nullable JournalAhead ahead(int queue) {
    return queues[queue].ahead();
  }

  /** What is written to a file would be lost. From any thread. */
  void fault(JournalAhead file, String reason) {
    fault = new Fault(file, reason);
  }

  JournalOptions options() {
    return options;
  }

  /** Writes the frames taken so far, or counts them as shed, and tells the ledger which. */
  public void flush() {
    for (JournalQueueWriter queue : queues) {
      flush(queue);
    }
  }

  private void flush(JournalQueueWriter queue) {
    if (queue.isEmpty()) {
      return;
    }
    if (running) {
      try {
        // A rule has its name before its first frame is there.
        takeNewRules();
        queue.expireDescription(epochClock.time());
        describeNewFile(queue);
        queue.writeFrames();
      } catch (Throwable e) {
        stop(e);
      }
    }
    queue.settle(ledger, running);
  }

  /**
   * Does what time demands: writes frames that have waited long enough, new rule names and
   * counters, and tries a stopped journal again. Once a duty cycle.
   *
   * @return above 0 when there was something to do, else 0
   */
  public int poll() {
    long nowNs = nanoClock.nanoTime();
    lastPollNs = nowNs;
    int work = 0;
    for (JournalQueueWriter queue : queues) {
      if (queue.isDue(nowNs)) {
        flush(queue);
        work++;
      }
    }
    if (!running) {
      return work + retry(nowNs);
    }
    Fault found = fault;
    if (found != null) {
      fault = null;
      if (isCurrent(found.file())) {
        stop(new IOException(found.reason()));
        return work + 1;
      }
    }
    if (newRules.get() != null || nowNs - nextStatisticsNs >= 0) {
      describe(nowNs);
      work++;
    }
    return work;
  }

  /** Counters and new rules go to the first queue at once, to the others with their next frames. */
  private void describe(long nowNs) {
    nextStatisticsNs = nowNs + options.statisticsIntervalNs();
    try {
      takeNewRules();
      describeNewFile(queues[0]);
      if (statistics.moved()) {
        writeStatistics(queues[0]);
      }
    } catch (Throwable e) {
      stop(e);
    }
  }

  private void takeNewRules() {
    if (newRules.get() != null) {
      rules = Objects.requireNonNull(newRules.getAndSet(null));
      for (JournalQueueWriter queue : queues) {
        queue.forgetDescription();
      }
    }
  }

  private int retry(long nowNs) {
    if (nowNs - nextRetryNs < 0) {
      return 0;
    }
    nextRetryNs = nowNs + options.retryIntervalNs();
    try {
      folder.restore();
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

  private boolean isCurrent(JournalAhead file) {
    for (JournalQueueWriter queue : queues) {
      if (queue.ahead() == file) {
        return true;
      }
    }
    return false;
  }

  private void start() {
    try {
      for (int number = 0; number < queues.length; number++) {
        queues[number].open(folder.queue(number), epochClock.time());
      }
      describeNewFile(queues[0]);
      // Opened by whoever assembles the data plane, used by the journal agent's thread from now on.
      for (JournalQueueWriter queue : queues) {
        queue.handOver();
      }
    } catch (Throwable e) {
      stop(e);
      return;
    }
    running = true;
    stopReason = "";
    ledger.state(JournalState.RUNNING, stopReason);
  }

  private void stop(Throwable failure) {
    boolean news = stopReason.isEmpty();
    stopReason = reason(failure);
    nextRetryNs = lastPollNs + options.retryIntervalNs();
    running = false;
    closeQueues();
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
      space = ", the folder does not answer";
    }
    return options.folder() + ": journal stopped: " + cause + space + "; it resumes by itself";
  }

  /**
   * Makes every file readable alone: it begins with the session, the rules and the counters, which
   * also follow when the rules have changed.
   */
  private void describeNewFile(JournalQueueWriter queue) throws IOException {
    if (!queue.needsDescription(epochClock.time())) {
      return;
    }
    writeDescription(queue, JournalFormat.TYPE_SESSION, sessionBody);
    if (rules.length > 0) {
      writeDescription(queue, JournalFormat.TYPE_RULES, rules);
    }
    writeStatistics(queue);
    queue.described();
  }

  private void writeDescription(JournalQueueWriter queue, int type, byte[] body)
      throws IOException {
    if (HEADER_BYTES + body.length > description.capacityBytes()) {
      description = new JournalDocument(HEADER_BYTES + body.length);
    }
    description.buffer().putBytes(HEADER_BYTES, body);
    queue.writeDescription(description, type, HEADER_BYTES + body.length);
  }

  private void writeStatistics(JournalQueueWriter queue) throws IOException {
    int length = HEADER_BYTES + statistics.encode(description.buffer(), HEADER_BYTES);
    queue.writeDescription(description, JournalFormat.TYPE_STATISTICS, length);
  }

  private void closeQueues() {
    for (JournalQueueWriter queue : queues) {
      queue.close();
    }
  }

  /** Writes what is left, frames and counters, and lets go of the folder. */
  @Override
  public void close() throws JournalException {
    flush();
    if (running) {
      describe(lastPollNs);
    }
    closeQueues();
    try {
      folder.close();
    } catch (IOException e) {
      throw new JournalException(options.folder(), "the lock cannot be released", e);
    }
  }
}
