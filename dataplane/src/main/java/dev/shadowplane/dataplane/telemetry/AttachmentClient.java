package dev.shadowplane.dataplane.telemetry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/** WIP. */
public final class AttachmentClient implements Agent, AutoCloseable {
  /** Makes a client that is not yet attached. */
  public AttachmentClient(
      final Path directory,
      final Duration commandTimeout,
      final AttachmentListener listener,
      final RecordRings<OneToOneRingBuffer> records) {}

  /**
   * Runs duty cycles on the calling thread until attached. TelemetryException when another control
   * holds the lock or nothing answered in time. Afterwards somebody has to run doWork.
   */
  public void connect(final Duration timeout) {}

  /**
   * Submits a command; any thread. The future completes on the agent's thread: exceptionally with
   * AttachmentLostException (no attachment, or it ended), TimeoutException,
   * IllegalArgumentException (body too long), RejectedExecutionException (too many queued).
   */
  public CompletableFuture<Reply> submit(final CommandType type, final String body) {
    return new CompletableFuture<>();
  }

  /** Any thread. */
  public boolean isAttached() {
    return false;
  }

  /** Of the attachment, 0 when there is none; any thread. */
  public long controlEpoch() {
    return 0L;
  }

  /** Of the data plane last attached to, 0 before; any thread. */
  public long dataplaneEpoch() {
    return 0L;
  }

  @Override
  public int doWork() {
    return 0;
  }

  @Override
  public String roleName() {
    return "attachment-client";
  }

  @Override
  public void close() {}
}
