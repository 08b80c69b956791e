package dev.shadowplane.control.api;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Streams that send the state of something again and again: a bounded number, and each sends only
 * while its client keeps up.
 */
final class SnapshotStreams {
  /** Streams of one kind at one time, where nothing else is said. */
  static final int MAX_STREAMS = 1_024;

  private static final int DEFAULT_INTERVAL_MS = 1_000;
  private static final int MIN_INTERVAL_MS = 100;
  private static final int MAX_INTERVAL_MS = 60_000;

  private final String what;
  private final int maxStreams;
  private final Semaphore slots;

  /** Names what is watched, for errors. */
  SnapshotStreams(final String what) {
    this(what, MAX_STREAMS);
  }

  /** As above, with as many streams as are given at one time. */
  SnapshotStreams(final String what, final int maxStreams) {
    this.what = what;
    this.maxStreams = maxStreams;
    this.slots = new Semaphore(maxStreams);
  }

  /** Checks the interval that a request asks for. */
  static int intervalMs(final int asked) {
    final int interval = asked == 0 ? DEFAULT_INTERVAL_MS : asked;
    if (interval < MIN_INTERVAL_MS || interval > MAX_INTERVAL_MS) {
      throw Failures.invalid(
          "interval_ms is "
              + interval
              + ": write "
              + MIN_INTERVAL_MS
              + " to "
              + MAX_INTERVAL_MS
              + ", or 0 for "
              + DEFAULT_INTERVAL_MS);
    }
    return interval;
  }

  /** Starts a stream; it ends when the client cancels or the source fails. */
  <T> void start(
      final Supplier<CompletableFuture<T>> source,
      final int intervalMs,
      final ServerCallStreamObserver<T> client,
      final ScheduledExecutorService executor) {
    start(source, snapshot -> false, intervalMs, client, executor);
  }

  /** Starts a stream that also ends after a snapshot that is the last of its kind. */
  <T> void start(
      final Supplier<CompletableFuture<T>> source,
      final Predicate<T> isLast,
      final int intervalMs,
      final ServerCallStreamObserver<T> client,
      final ScheduledExecutorService executor) {
    if (!slots.tryAcquire()) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              maxStreams + " " + what + " are open, the most there may be: close one of them")
          .asRuntimeException();
    }
    final Watch<T> watch = new Watch<>(source, isLast, client, slots);
    client.setOnCancelHandler(watch::end);
    watch.tick = executor.scheduleAtFixedRate(watch, 0, intervalMs, TimeUnit.MILLISECONDS);
    if (client.isCancelled()) {
      watch.end();
    }
  }

  private static final class Watch<T> implements Runnable {
    private final Supplier<CompletableFuture<T>> source;
    private final Predicate<T> isLast;
    private final ServerCallStreamObserver<T> client;
    private final Semaphore slots;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile @Nullable Future<?> tick;

    Watch(
        final Supplier<CompletableFuture<T>> source,
        final Predicate<T> isLast,
        final ServerCallStreamObserver<T> client,
        final Semaphore slots) {
      this.source = source;
      this.isLast = isLast;
      this.client = client;
      this.slots = slots;
    }

    @Override
    public void run() {
      if (client.isCancelled()) {
        end();
        return;
      }
      if (ended.get() || !client.isReady()) {
        return;
      }
      if (asking.compareAndSet(false, true)) {
        final CompletableFuture<T> _ = source.get().whenComplete(this::answer);
      }
    }

    /** Sends, or ends the stream; one answer at a time. */
    private void answer(final @Nullable T snapshot, final @Nullable Throwable thrown) {
      if (snapshot != null) {
        if (!ended.get()) {
          client.onNext(snapshot);
        }
        if (isLast.test(snapshot) && end()) {
          client.onCompleted();
        }
      } else if (thrown != null && end()) {
        client.onError(Failures.of(thrown));
      }
      asking.set(false);
    }

    private boolean end() {
      final Future<?> running = tick;
      if (running != null) {
        running.cancel(false);
      }
      if (ended.compareAndSet(false, true)) {
        slots.release();
        return true;
      }
      return false;
    }
  }
}
