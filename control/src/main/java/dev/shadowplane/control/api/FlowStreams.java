package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.control.v1.WatchFlowsResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The streams that watch flows: a bounded number, and each sends only while its client keeps up.
 */
final class FlowStreams {
  /** Streams at one time. */
  static final int MAX_STREAMS = 1_024;

  private final FlowSource source;
  private final Semaphore slots = new Semaphore(MAX_STREAMS);

  FlowStreams(final FlowSource source) {
    this.source = source;
  }

  /** Starts a stream; it ends when the client cancels or the source fails. */
  void start(
      final int limit,
      final FlowOrder order,
      final long intervalMs,
      final ServerCallStreamObserver<WatchFlowsResponse> client,
      final ScheduledExecutorService executor) {
    if (!slots.tryAcquire()) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              MAX_STREAMS + " flow watches are open, the most there may be: close one of them")
          .asRuntimeException();
    }
    final Watch watch = new Watch(limit, order, client);
    client.setOnCancelHandler(watch::end);
    watch.tick = executor.scheduleAtFixedRate(watch, 0, intervalMs, TimeUnit.MILLISECONDS);
    if (client.isCancelled()) {
      watch.end();
    }
  }

  private final class Watch implements Runnable {
    private final int limit;
    private final FlowOrder order;
    private final ServerCallStreamObserver<WatchFlowsResponse> client;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile @Nullable Future<?> tick;

    Watch(
        final int limit,
        final FlowOrder order,
        final ServerCallStreamObserver<WatchFlowsResponse> client) {
      this.limit = limit;
      this.order = order;
      this.client = client;
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
        final CompletableFuture<FlowSnapshot> _ =
            source.top(limit, order).whenComplete(this::answer);
      }
    }

    /** Sends, or ends the stream; one answer at a time. */
    private void answer(final @Nullable FlowSnapshot snapshot, final @Nullable Throwable thrown) {
      if (snapshot != null) {
        if (!ended.get()) {
          client.onNext(WatchFlowsResponse.newBuilder().setSnapshot(snapshot).build());
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
