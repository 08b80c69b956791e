package dev.shadowplane.dataplane.telemetry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * The data plane's side of the attachment of control: answers a request with fresh rings, takes
 * commands, sends replies and events, and lets go when control is gone, asks anew or breaks
 * something. Forwarding never depends on it.
 *
 * <p>For the thread of the conductor only. {@link #poll} does bounded work, never waits and never
 * throws for anything that control does; making and deleting ring files is its longest work, at
 * most once in {@value #MIN_ATTACH_INTERVAL_NS} ns. Counters: {@code attachment.attached}, {@code
 * .control-epoch}, {@code .commands}, {@code .command-errors}, {@code .events-shed}, {@code
 * .faults}, {@code .failures} (ring files that could not be made or deleted).
 *
 * <p>If control cuts a file short, the JVM may raise an {@link InternalError} asynchronously, so
 * that it surfaces after poll has returned: the conductor's loop has to survive it, and the next
 * poll deals with the file.
 */
public final class AttachmentServer implements AutoCloseable {
  private static final long CHECK_INTERVAL_NS = 1_000_000;
  private static final long HEARTBEAT_INTERVAL_NS = 100_000_000;
  private static final long MIN_ATTACH_INTERVAL_NS = 100_000_000;

  private final CountersFile counters;
  private final AttachmentConfig config;
  private final CommandHandler commandHandler;
  private final RecordRings<RecordRing> records;
  private final EventRing events;
  private final AtomicCounter attached;
  private final AtomicCounter controlEpochCounter;
  private final AtomicCounter commandCount;
  private final AtomicCounter commandErrors;
  private final AtomicCounter faults;
  private final AtomicCounter failures;

  private AttachFile attachFile;
  private @Nullable Attachment attachment;
  private boolean detaching;
  private boolean attachFileCutShort;
  private long controlEpoch;
  private long spentNonce;
  private String lastDetachReason = "";
  private long nextCheckNs;
  private long nextHeartbeatNs;
  private long nextAttachNs;
  private boolean started;
  private boolean closed;

  /** The rings of one control epoch and what is known of its control. */
  private static final class Attachment {
    private final long nonce;
    private final RingFiles files;
    private final CommandRing commands;
    private final List<RecordRing> records;
    private final long pid;
    private final long pidNamespace;
    private long heartbeat;
    private long heartbeatChangedNs;

    Attachment(final long nonce, final RingFiles files, final AttachFile request) {
      this.nonce = nonce;
      this.files = files;
      this.commands = new CommandRing(files.commands());
      this.records = files.records().stream().map(RecordRing::new).toList();
      this.pid = request.controlPid();
      this.pidNamespace = request.controlPidNamespace();
      this.heartbeat = request.controlHeartbeat();
    }
  }

  /**
   * Makes the files through which control attaches, and deletes the rings of earlier data planes.
   *
   * @param counters of this data plane; their directory is used.
   * @param config sizes and times.
   * @param commandHandler carries out the commands.
   * @param records the workers, who are handed a ring each.
   * @throws TelemetryException when a file cannot be made.
   */
  public AttachmentServer(
      final CountersFile counters,
      final AttachmentConfig config,
      final CommandHandler commandHandler,
      final RecordRings<RecordRing> records) {
    this.counters = counters;
    this.config = config;
    this.commandHandler = commandHandler;
    this.records = records;
    final Path directory = counters.directory();
    try {
      RingFiles.deleteAll(directory);
      TelemetryFiles.createLock(
          directory.resolve(TelemetryFiles.CONTROL_LOCK), TelemetryFiles.WRITE_BY_GROUP);
      attachFile = AttachFile.create(directory, counters.epoch(), config.workers());
    } catch (final IOException e) {
      throw new TelemetryException(
          "cannot make the attachment files in " + directory + ": " + e, e);
    }
    attached = counter("attached");
    controlEpochCounter = counter("control-epoch");
    commandCount = counter("commands");
    commandErrors = counter("command-errors");
    faults = counter("faults");
    failures = counter("failures");
    events = new EventRing(counter("events-shed"));
  }

  private AtomicCounter counter(final String what) {
    return counters.newCounter(CounterTypes.ATTACHMENT, CounterTypes.attachment(what));
  }

  /**
   * Runs one duty cycle: at most one command, and now and then a look at control and at the rings.
   *
   * @param nowNs of a monotonic clock.
   * @return the work count, 0 when there was nothing to do.
   */
  public int poll(final long nowNs) {
    if (closed) {
      return 0;
    }
    if (!started) {
      started = true;
      nextCheckNs = nowNs;
      nextHeartbeatNs = nowNs;
      nextAttachNs = nowNs;
    }
    int workCount = 0;
    try {
      if (nowNs - nextCheckNs >= 0) {
        nextCheckNs = nowNs + CHECK_INTERVAL_NS;
        workCount += check(nowNs);
      }
      final Attachment current = attachment;
      if (current != null && !detaching) {
        workCount += pollCommand(current);
      }
    } catch (final InternalError e) {
      attachFileCutShort = true;
      fault("a mapped file was cut short");
    }
    return workCount;
  }

  /** Returns where replies and events go, whoever is attached at the time. */
  public EventSender events() {
    return events;
  }

  /** Returns whether a control is attached. */
  public boolean isAttached() {
    return attachment != null && !detaching;
  }

  /** Returns the epoch of the attachment, or of the last one, or 0. */
  public long controlEpoch() {
    return controlEpoch;
  }

  /** Returns why the last attachment ended or could not be made, one line, or empty. */
  public String lastDetachReason() {
    return lastDetachReason;
  }

  /**
   * Ends the attachment and deletes its files. Rings that workers have not released by now stay
   * mapped until the garbage collector finds that nobody refers to them.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (isAttached()) {
      detach("the data plane ends");
    }
    release();
    final Attachment unreleased = attachment;
    attachment = null;
    if (unreleased != null) {
      delete(unreleased.files);
    }
    attachFile.close();
  }

  private int check(final long nowNs) {
    if (attachFileCutShort) {
      replaceAttachFile();
    }
    final boolean heartbeatDue = nowNs - nextHeartbeatNs >= 0;
    if (heartbeatDue) {
      nextHeartbeatNs = nowNs + HEARTBEAT_INTERVAL_NS;
      counters.heartbeat(System.currentTimeMillis());
    }
    final Attachment current = attachment;
    if (current == null) {
      return considerRequest(nowNs);
    }
    if (detaching) {
      return release();
    }
    checkControl(current, nowNs, heartbeatDue);
    return 0;
  }

  private int considerRequest(final long nowNs) {
    final long nonce = attachFile.nonce();
    if (nonce == 0 || nonce == spentNonce || nowNs - nextAttachNs < 0) {
      return 0;
    }
    nextAttachNs = nowNs + MIN_ATTACH_INTERVAL_NS;
    spentNonce = nonce;
    try {
      final RingFiles files =
          RingFiles.create(counters.directory(), counters.epoch(), controlEpoch + 1, config);
      final Attachment next = new Attachment(nonce, files, attachFile);
      controlEpoch++;
      next.heartbeatChangedNs = nowNs;
      attachment = next;
      detaching = false;
      events.use(new RecordRing(files.events()));
      records.attached(controlEpoch, next.records);
      attached.setRelease(1);
      controlEpochCounter.setRelease(controlEpoch);
      attachFile.answer(nonce, controlEpoch);
    } catch (final IOException e) {
      failures.incrementRelease();
      lastDetachReason = "cannot make rings in " + counters.directory() + ": " + e;
    }
    return 1;
  }

  private void checkControl(
      final Attachment current, final long nowNs, final boolean checkProcess) {
    if (attachFile.nonce() != current.nonce) {
      detach("control asked for a new attachment or gave this one back");
      return;
    }
    if (events.isBroken()) {
      fault("event ring: impossible consumer position");
      return;
    }
    for (int worker = 0; worker < current.records.size(); worker++) {
      if (current.records.get(worker).isBroken()) {
        fault("record ring of worker " + worker + ": impossible consumer position");
        return;
      }
    }
    final long heartbeat = attachFile.controlHeartbeat();
    if (heartbeat != current.heartbeat) {
      current.heartbeat = heartbeat;
      current.heartbeatChangedNs = nowNs;
    } else if (nowNs - current.heartbeatChangedNs > config.controlTimeoutNs()) {
      detach("no heartbeat of control for " + config.controlTimeoutNs() / 1_000_000 + " ms");
      return;
    }
    if (checkProcess && Processes.isGone(current.pid, current.pidNamespace)) {
      detach("control, pid " + current.pid + ", has ended");
    }
  }

  private int pollCommand(final Attachment current) {
    if (!events.hasRoomForReply()) {
      // Control takes its replies first: a command whose reply is sure to be shed is not started.
      return 0;
    }
    final CommandRing ring = current.commands;
    return switch (ring.poll()) {
      case EMPTY -> 0;
      case PADDING -> 1;
      case COMMAND -> execute(ring);
      case FAULT -> {
        fault(ring.fault());
        yield 1;
      }
    };
  }

  private int execute(final CommandRing ring) {
    commandCount.incrementRelease();
    try {
      commandHandler.command(ring.correlationId(), ring.type(), ring.body(), events);
    } catch (final RuntimeException e) {
      commandErrors.incrementRelease();
      events.reply(ring.correlationId(), ReplyStatus.FAILED, ring.type() + " failed: " + e);
    }
    return 1;
  }

  private void fault(final String what) {
    faults.incrementRelease();
    if (isAttached()) {
      detach(what);
    } else {
      lastDetachReason = what;
    }
  }

  private void detach(final String reason) {
    detaching = true;
    lastDetachReason = reason;
    attached.setRelease(0);
    events.use(null);
    if (!attachFileCutShort) {
      attachFile.revoke();
    }
    records.detach();
  }

  private int release() {
    final Attachment current = attachment;
    if (current == null || !records.released()) {
      return 0;
    }
    attachment = null;
    detaching = false;
    current.files.unmap();
    delete(current.files);
    return 1;
  }

  private void delete(final RingFiles files) {
    try {
      files.delete();
    } catch (final IOException e) {
      failures.incrementRelease();
      lastDetachReason += "; its files remain: " + e;
    }
  }

  private void replaceAttachFile() {
    try {
      final AttachFile fresh =
          AttachFile.create(counters.directory(), counters.epoch(), config.workers());
      attachFile.close();
      attachFile = fresh;
      attachFileCutShort = false;
    } catch (final IOException e) {
      failures.incrementRelease();
      lastDetachReason = "cannot replace " + TelemetryFiles.ATTACH + ": " + e;
    }
  }
}
