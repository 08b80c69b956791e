package dev.shadowplane.dataplane.telemetry;

import static org.agrona.BitUtil.SIZE_OF_LONG;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The commands of control from submission to reply. Any thread submits; everything else is for the
 * thread of the client, which also completes the futures.
 */
final class Submissions {
  private static final int QUEUE_CAPACITY = 1024;

  private final ManyToOneConcurrentArrayQueue<Submission> queue =
      new ManyToOneConcurrentArrayQueue<>(QUEUE_CAPACITY);
  // In the order of their deadlines, as all have the same timeout.
  private final Map<Long, Submission> pending = new LinkedHashMap<>();
  private final long timeoutNs;
  private @Nullable Submission waiting;
  // Starts anywhere, so that a late reply to a control before this one meets no command of ours.
  private long nextCorrelationId = ThreadLocalRandom.current().nextLong();

  private static final class Submission {
    private final CompletableFuture<Reply> future = new CompletableFuture<>();
    private final CommandType type;
    private final byte[] body;
    private final long deadlineNs;

    Submission(final CommandType type, final String body, final long deadlineNs) {
      this.type = type;
      this.body = body.getBytes(StandardCharsets.UTF_8);
      this.deadlineNs = deadlineNs;
    }
  }

  Submissions(final long timeoutNs) {
    this.timeoutNs = timeoutNs;
  }

  CompletableFuture<Reply> submit(final CommandType type, final String body) {
    final Submission submission = new Submission(type, body, System.nanoTime() + timeoutNs);
    if (!queue.offer(submission)) {
      submission.future.completeExceptionally(
          new RejectedExecutionException(
              type + " refused: " + QUEUE_CAPACITY + " commands are waiting already; try later"));
    }
    return submission.future;
  }

  /** Writes what was submitted into the ring, until that is full. Returns the work count. */
  int write(final OneToOneRingBuffer ring) {
    int workCount = 0;
    while (true) {
      final Submission submission = waiting != null ? waiting : queue.poll();
      waiting = null;
      if (submission == null) {
        return workCount;
      }
      final int length = SIZE_OF_LONG + submission.body.length;
      if (length > ring.maxMsgLength() - SIZE_OF_LONG) {
        submission.future.completeExceptionally(tooLong(submission, ring));
        continue;
      }
      final int offset = ring.tryClaim(submission.type.id(), length);
      if (offset < 0) {
        waiting = submission;
        return workCount;
      }
      final long correlationId = ++nextCorrelationId;
      ring.buffer().putLong(offset, correlationId);
      ring.buffer().putBytes(offset + SIZE_OF_LONG, submission.body);
      ring.commit(offset);
      pending.put(correlationId, submission);
      workCount++;
    }
  }

  private static IllegalArgumentException tooLong(
      final Submission submission, final OneToOneRingBuffer ring) {
    return new IllegalArgumentException(
        submission.type
            + " of "
            + submission.body.length
            + " bytes, more than the "
            + (ring.maxMsgLength() - 2 * SIZE_OF_LONG)
            + " that fit: split it or raise the size of the command ring");
  }

  /** Completes a command; a reply to none of ours is ignored. */
  void reply(final long correlationId, final Reply reply) {
    final Submission submission = pending.remove(correlationId);
    if (submission != null) {
      submission.future.complete(reply);
    }
  }

  /** Fails what has waited for too long. Returns how many. */
  int expire(final long nowNs) {
    int expired = 0;
    final Iterator<Submission> oldestFirst = pending.values().iterator();
    while (oldestFirst.hasNext()) {
      final Submission submission = oldestFirst.next();
      if (nowNs - submission.deadlineNs < 0) {
        break;
      }
      oldestFirst.remove();
      submission.future.completeExceptionally(timeout(submission, "no reply"));
      expired++;
    }
    if (waiting != null && nowNs - waiting.deadlineNs >= 0) {
      waiting.future.completeExceptionally(timeout(waiting, "no room in the command ring"));
      waiting = null;
      expired++;
    }
    return expired;
  }

  private TimeoutException timeout(final Submission submission, final String what) {
    return new TimeoutException(
        submission.type + ": " + what + " within " + timeoutNs / 1_000_000 + " ms");
  }

  /** Fails everything submitted so far. Returns how many. */
  int failAll(final String reason) {
    int failed = 0;
    for (final Submission submission : pending.values()) {
      submission.future.completeExceptionally(
          new AttachmentLostException(submission.type + " was sent and has no reply: " + reason));
      failed++;
    }
    pending.clear();
    while (true) {
      final Submission submission = waiting != null ? waiting : queue.poll();
      waiting = null;
      if (submission == null) {
        return failed;
      }
      submission.future.completeExceptionally(
          new AttachmentLostException(submission.type + " was not sent: " + reason));
      failed++;
    }
  }
}
