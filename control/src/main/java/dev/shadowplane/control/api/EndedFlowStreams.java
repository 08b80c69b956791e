package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.StreamFlowsResponse;
import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.FlowQueries;
import dev.shadowplane.dataplane.analytics.FlowSubscription;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The streams of flows as they end: a bounded number, each with a bounded queue. The agent never
 * waits for them; what a client is too slow for is missed, and it is told so.
 */
final class EndedFlowStreams {
  /** Streams at one time. */
  static final int MAX_STREAMS = 16;

  /** Flows that wait for a client at most. */
  static final int QUEUED_FLOWS = 2_048;

  private static final int FLOWS_PER_MESSAGE = 256;
  private static final long POLL_MS = 20;

  private final FlowQueries queries;
  private final RuleNames rules;
  private final Semaphore slots = new Semaphore(MAX_STREAMS);

  EndedFlowStreams(final FlowQueries queries, final RuleNames rules) {
    this.queries = queries;
    this.rules = rules;
  }

  /** Starts a stream; it ends when the client cancels. */
  void start(
      final boolean updates,
      final ServerCallStreamObserver<StreamFlowsResponse> client,
      final ScheduledExecutorService executor) {
    if (!slots.tryAcquire()) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              MAX_STREAMS + " streams of flows are open, the most there may be: close one of them")
          .asRuntimeException();
    }
    final Stream stream = new Stream(queries.subscribe(updates, QUEUED_FLOWS), client);
    client.setOnCancelHandler(stream::end);
    stream.tick = executor.scheduleWithFixedDelay(stream, 0, POLL_MS, TimeUnit.MILLISECONDS);
    if (client.isCancelled()) {
      stream.end();
    }
  }

  private final class Stream implements Runnable {
    private final FlowSubscription subscription;
    private final ServerCallStreamObserver<StreamFlowsResponse> client;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable Future<?> tick;
    private long toldMissed;

    Stream(
        final FlowSubscription subscription,
        final ServerCallStreamObserver<StreamFlowsResponse> client) {
      this.subscription = subscription;
      this.client = client;
    }

    @Override
    public void run() {
      while (!ended.get() && !client.isCancelled() && client.isReady()) {
        final StreamFlowsResponse.Builder message = StreamFlowsResponse.newBuilder();
        Flow flow = subscription.poll();
        while (flow != null) {
          message.addFlows(FlowMessages.message(flow, rules));
          flow = message.getFlowsCount() < FLOWS_PER_MESSAGE ? subscription.poll() : null;
        }
        final long missed = subscription.missed();
        if (message.getFlowsCount() == 0 && missed == toldMissed) {
          return;
        }
        toldMissed = missed;
        client.onNext(message.setMissed(missed).build());
      }
      if (client.isCancelled()) {
        end();
      }
    }

    private void end() {
      final Future<?> running = tick;
      if (running != null) {
        running.cancel(false);
      }
      if (ended.compareAndSet(false, true)) {
        subscription.close();
        slots.release();
      }
    }
  }
}
