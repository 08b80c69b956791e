package dev.shadowplane.dataplane.telemetry;

import dev.shadowplane.dataplane.file.LockFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Control's side of the attachment: finds the data plane of a directory, attaches, submits
 * commands, passes on events, and attaches again by itself whenever the data plane was restarted or
 * let go.
 *
 * <p>One thread runs {@link #doWork}; listener and record rings are called and futures are
 * completed on it. Other threads use {@link #submit} and the accessors. While no thread runs doWork
 * there is no heartbeat, and the data plane ends the attachment after its timeout.
 */
public final class AttachmentClient implements Agent, AutoCloseable {
  private static final long CHECK_INTERVAL_NS = 10_000_000;
  private static final long ANSWER_TIMEOUT_NS = 5_000_000_000L;
  private static final long CONNECT_PAUSE_NS = 200_000;
  private static final int EVENT_LIMIT = 16;

  private final MessageHandler onMessage = this::onMessage;
  private final SecureRandom random = new SecureRandom();
  private final Path directory;
  private final AttachmentListener listener;
  private final RecordRings<OneToOneRingBuffer> records;
  private final Submissions submissions;

  private @Nullable LockFile lock;
  private @Nullable AttachFile attachFile;
  private @Nullable Rings rings;
  private boolean detaching;
  private volatile boolean closed;
  private long nonce;
  private long askedNs;
  private long nextCheckNs = System.nanoTime();
  private String obstacle = "not tried";
  private volatile @Nullable CountersView counters;
  private volatile long controlEpoch;
  private volatile long dataplaneEpoch;

  /** The mapped rings of the present attachment. */
  private record Rings(
      RingFiles files,
      OneToOneRingBuffer commands,
      OneToOneRingBuffer events,
      List<OneToOneRingBuffer> records) {}

  /**
   * Makes a client that is not yet attached and has touched nothing.
   *
   * @param directory of the data plane's mapped files.
   * @param commandTimeout how long a command may take from submission to reply.
   * @param listener learns of attachments and events.
   * @param records takes the record rings.
   */
  public AttachmentClient(
      final Path directory,
      final Duration commandTimeout,
      final AttachmentListener listener,
      final RecordRings<OneToOneRingBuffer> records) {
    this.directory = directory;
    this.listener = listener;
    this.records = records;
    this.submissions = new Submissions(commandTimeout.toNanos());
  }

  /**
   * Runs duty cycles on the calling thread until attached; somebody has to go on running them. Not
   * needed by a control that may start before its data plane.
   *
   * @throws TelemetryException when another control holds the lock, the layouts differ, or no data
   *     plane has answered in time.
   */
  public void connect(final Duration timeout) {
    final long deadlineNs = System.nanoTime() + timeout.toNanos();
    doWork();
    while (!isAttached()) {
      if (System.nanoTime() - deadlineNs >= 0) {
        throw new TelemetryException(
            "not attached to a data plane within " + timeout.toMillis() + " ms: " + obstacle);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new TelemetryException("interrupted while attaching to the data plane");
      }
      LockSupport.parkNanos(CONNECT_PAUSE_NS);
      doWork();
    }
  }

  /**
   * Submits a command. Any thread.
   *
   * @param type what is asked.
   * @param body at most an eighth of the command ring, in UTF-8.
   * @return the reply, completed on the thread of the client: dependents that take long belong on
   *     another. Fails with {@link AttachmentLostException} when there is no attachment or it ends
   *     before the reply, {@link java.util.concurrent.TimeoutException}, {@link
   *     IllegalArgumentException} when the body is too long, or {@link
   *     java.util.concurrent.RejectedExecutionException} when too many commands wait.
   */
  public CompletableFuture<Reply> submit(final CommandType type, final String body) {
    final CompletableFuture<Reply> future = submissions.submit(type, body);
    if (closed) {
      // Looked at after the submission: either close has seen that, or this sees close.
      future.completeExceptionally(new AttachmentLostException(type + " was not sent: closed"));
    }
    return future;
  }

  /** Returns whether commands reach a data plane. Any thread. */
  public boolean isAttached() {
    return controlEpoch != 0;
  }

  /** Returns the number of the attachment as its data plane counts, 0 when detached. Any thread. */
  public long controlEpoch() {
    return controlEpoch;
  }

  /** Returns the epoch of the data plane attached to last, 0 before the first. Any thread. */
  public long dataplaneEpoch() {
    return dataplaneEpoch;
  }

  /** Returns the counters of the data plane seen last, or null before the first. Any thread. */
  public @Nullable CountersView counters() {
    return counters;
  }

  /**
   * Runs one duty cycle.
   *
   * @return the work count.
   * @throws TelemetryException when another control holds the lock or the layouts differ.
   */
  @Override
  public int doWork() {
    if (closed) {
      return 0;
    }
    final long nowNs = System.nanoTime();
    int workCount = 0;
    if (nowNs - nextCheckNs >= 0) {
      nextCheckNs = nowNs + CHECK_INTERVAL_NS;
      workCount += check(nowNs);
    }
    final Rings current = rings;
    if (current == null || detaching) {
      return workCount + submissions.failAll("not attached to a data plane (" + obstacle + ")");
    }
    workCount += submissions.write(current.commands);
    return workCount + current.events.read(onMessage, EVENT_LIMIT);
  }

  @Override
  public String roleName() {
    return "attachment-client";
  }

  @Override
  public void onClose() {
    close();
  }

  /**
   * Gives the attachment back and fails what is pending. Must not overlap doWork. Rings that their
   * reader has not released by now stay mapped until the garbage collector finds that nobody refers
   * to them.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (rings != null && !detaching) {
      detach("control ends");
    }
    submissions.failAll("control ends");
    release();
    if (attachFile != null) {
      attachFile.withdraw();
      attachFile.close();
      attachFile = null;
    }
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }

  private int check(final long nowNs) {
    if (detaching) {
      return release();
    }
    if (attachFile == null) {
      return ask(nowNs);
    }
    attachFile.controlHeartbeat(nowNs);
    if (rings != null) {
      final String lost = lost(attachFile);
      if (!lost.isEmpty()) {
        detach(lost);
        return 1;
      }
      return submissions.expire(nowNs);
    }
    return awaitAnswer(attachFile, nowNs);
  }

  /** Looks for a live data plane and asks it for rings. */
  private int ask(final long nowNs) {
    try {
      final Path countersPath = directory.resolve(TelemetryFiles.COUNTERS);
      if (counters == null && !Files.exists(countersPath)) {
        obstacle = countersPath + " does not exist: start the data plane, or name its directory";
        return 0;
      }
      final CountersView view = counters == null ? CountersView.open(directory) : counters;
      view.refresh();
      counters = view;
      if (!view.isAlive()) {
        obstacle =
            "the data plane of " + directory + ", pid " + view.pid() + ", does not run: start it";
        return 0;
      }
      takeLock();
      final AttachFile file = AttachFile.open(directory);
      if (file.dataplaneEpoch() != view.epoch()) {
        file.close();
        obstacle = "the data plane of " + directory + " is starting";
        return 0;
      }
      attachFile = file;
      nonce = random.nextLong() | 1L;
      file.controlHeartbeat(nowNs);
      file.request(nonce);
      askedNs = nowNs;
      obstacle =
          "the data plane of "
              + directory
              + ", pid "
              + view.pid()
              + ", runs and does not answer: see its log";
      return 1;
    } catch (final NoSuchFileException e) {
      obstacle = "the data plane of " + directory + " is starting";
      return 0;
    } catch (final IOException e) {
      throw new TelemetryException("cannot attach to the data plane of " + directory + ": " + e, e);
    }
  }

  private void takeLock() throws IOException {
    if (lock == null) {
      final Path path = directory.resolve(TelemetryFiles.CONTROL_LOCK);
      lock = LockFile.tryLock(path);
      if (lock == null) {
        throw new TelemetryException(
            "another control is attached to "
                + directory
                + " and holds "
                + path
                + ": stop it first");
      }
    }
  }

  private int awaitAnswer(final AttachFile file, final long nowNs) {
    if (file.answeredNonce() != nonce) {
      if (nowNs - askedNs > ANSWER_TIMEOUT_NS) {
        // Perhaps another data plane has started: look again, ask again.
        file.close();
        attachFile = null;
      }
      return 0;
    }
    final long epoch = file.controlEpoch();
    try {
      final RingFiles files =
          RingFiles.open(directory, file.dataplaneEpoch(), epoch, file.workers());
      final Rings next =
          new Rings(
              files,
              new OneToOneRingBuffer(files.commands()),
              new OneToOneRingBuffer(files.events()),
              files.records().stream().map(OneToOneRingBuffer::new).toList());
      rings = next;
      dataplaneEpoch = file.dataplaneEpoch();
      controlEpoch = epoch;
      records.attached(epoch, next.records);
      listener.attached(file.dataplaneEpoch(), epoch);
    } catch (final IOException e) {
      obstacle = "the rings cannot be mapped: " + e;
      file.close();
      attachFile = null;
    }
    return 1;
  }

  /** Returns why the attachment has ended, or empty. */
  private String lost(final AttachFile file) {
    final CountersView view = counters;
    if (file.answeredNonce() != nonce) {
      return "the data plane has let go";
    }
    if (view != null && !view.isAlive()) {
      return "the data plane, pid " + view.pid() + ", has ended or stood still";
    }
    return "";
  }

  private void detach(final String reason) {
    detaching = true;
    controlEpoch = 0;
    obstacle = reason;
    submissions.failAll(reason);
    records.detach();
    listener.detached(reason);
  }

  private int release() {
    final Rings current = rings;
    if (current == null || !records.released()) {
      return 0;
    }
    current.files.unmap();
    rings = null;
    detaching = false;
    if (!closed && attachFile != null) {
      attachFile.close();
      attachFile = null;
    }
    return 1;
  }

  private void onMessage(
      final int type, final MutableDirectBuffer buffer, final int index, final int length) {
    if (type != EventRing.REPLY_TYPE) {
      listener.event(type, text(buffer, index, length));
      return;
    }
    final ReplyStatus status =
        ReplyStatus.ofCode(buffer.getInt(index + EventRing.REPLY_STATUS_OFFSET));
    final String text =
        text(buffer, index + EventRing.REPLY_TEXT_OFFSET, length - EventRing.REPLY_TEXT_OFFSET);
    submissions.reply(
        buffer.getLong(index), new Reply(status == null ? ReplyStatus.FAILED : status, text));
  }

  private static String text(final MutableDirectBuffer buffer, final int index, final int length) {
    final byte[] bytes = new byte[length];
    buffer.getBytes(index, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
