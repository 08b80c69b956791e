package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.ReplayStatus;
import dev.shadowplane.control.v1.WatchReplayResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The streams that watch replays: a bounded number, each sends only while its client keeps up, and
 * ends with its replay.
 */
final class ReplayWatches {
  private static final int MAX_STREAMS = 256;
  private static final Set<String> OVER = Set.of("finished", "stopped", "failed");

  private final Function<String, CompletableFuture<ReplayStatus>> source;
  private final Semaphore slots = new Semaphore(MAX_STREAMS);

  ReplayWatches(final Function<String, CompletableFuture<ReplayStatus>> source) {
    this.source = source;
  }

  void start(
      final String name,
      final long intervalMs,
      final ServerCallStreamObserver<WatchReplayResponse> client,
      final ScheduledExecutorService executor) {
    if (!slots.tryAcquire()) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              MAX_STREAMS + " replay watches are open, the most there may be: close one of them")
          .asRuntimeException();
    }
    final Watch watch = new Watch(name, client);
    client.setOnCancelHandler(watch::end);
    watch.tick = executor.scheduleAtFixedRate(watch, 0, intervalMs, TimeUnit.MILLISECONDS);
    if (client.isCancelled()) {
      watch.end();
    }
  }

  private final class Watch implements Runnable {
    private final String name;
    private final ServerCallStreamObserver<WatchReplayResponse> client;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile @Nullable Future<?> tick;

    Watch(final String name, final ServerCallStreamObserver<WatchReplayResponse> client) {
      this.name = name;
      this.client = client;
    }

    @Override
    public void run() {
      if (client.isCancelled()) {
        end();
      } else if (!ended.get() && client.isReady() && asking.compareAndSet(false, true)) {
        final CompletableFuture<ReplayStatus> _ = source.apply(name).whenComplete(this::answer);
      }
    }

    /** Sends, or ends the stream; one answer at a time. */
    private void answer(final @Nullable ReplayStatus replay, final @Nullable Throwable thrown) {
      if (replay != null) {
        if (!ended.get()) {
          client.onNext(WatchReplayResponse.newBuilder().setReplay(replay).build());
        }
        if (OVER.contains(replay.getState()) && end()) {
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
