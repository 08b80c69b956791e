package dev.shadowplane.dataplane.analytics;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.collections.ArrayUtil;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Questions to the analytics agent from other threads. Each is answered on the agent's thread, in
 * slices between its duty cycles, and completes on a thread of the common pool; one at a time, the
 * others wait in a queue of {@link #MAX_WAITING}.
 *
 * <p>A future completes with {@link IllegalStateException} when that queue is full or the agent has
 * closed. Safe for use by any thread.
 */
public final class FlowQueries {
  /** Questions that may wait at once. */
  public static final int MAX_WAITING = 64;

  /** The most flows that one answer holds. */
  public static final int MAX_FLOWS = 100_000;

  private static final FlowSubscription[] NO_SUBSCRIPTIONS = {};

  private final ManyToOneConcurrentArrayQueue<FlowQuery> waiting =
      new ManyToOneConcurrentArrayQueue<>(MAX_WAITING);
  private @Nullable FlowQuery current;
  private volatile FlowSubscription[] subscriptions = NO_SUBSCRIPTIONS;
  private volatile boolean closed;

  FlowQueries() {}

  /**
   * The largest flows in the table.
   *
   * @param count how many, 1 to {@link #MAX_FLOWS}
   * @param order by what
   * @return at most so many, largest first
   */
  public CompletableFuture<List<Flow>> top(int count, FlowOrder order) {
    return ask(new TableWalk.Top(checked(count), order));
  }

  /**
   * Flows in the table, in no order.
   *
   * @param limit how many at most, 1 to {@link #MAX_FLOWS}
   * @return the flows
   */
  public CompletableFuture<List<Flow>> list(int limit) {
    return ask(new TableWalk.Listing(checked(limit)));
  }

  /**
   * Totals since the agent was made.
   *
   * @return the totals
   */
  public CompletableFuture<TrafficSummary> summary() {
    final CompletableFuture<TrafficSummary> answer = new CompletableFuture<>();
    offer(
        new FlowQuery() {
          @Override
          public boolean advance(FlowTable table, RecordIntake intake, int maxSlots) {
            final TrafficSummary summary = TrafficSummary.of(intake, table);
            answer.completeAsync(() -> summary);
            return true;
          }

          @Override
          public void fail(RuntimeException reason) {
            answer.completeExceptionally(reason);
          }
        });
    return answer;
  }

  /**
   * Subscribes to flows as they end and, if wanted, once a second to those in the table that have
   * had packets since.
   *
   * @param updates whether flows that go on are wanted too
   * @param queueCapacity flows that wait to be polled at most, 1 to {@link #MAX_FLOWS}; what comes
   *     while so many wait is missed and counted
   * @return the subscription, to be closed when no longer polled
   */
  public FlowSubscription subscribe(boolean updates, int queueCapacity) {
    final FlowSubscription subscription =
        new FlowSubscription(updates, checked(queueCapacity), this::unsubscribe);
    synchronized (this) {
      subscriptions = ArrayUtil.add(subscriptions, subscription);
    }
    return subscription;
  }

  private synchronized void unsubscribe(FlowSubscription subscription) {
    subscriptions = ArrayUtil.remove(subscriptions, subscription);
  }

  /** Those subscribed now; the array is never written to. */
  FlowSubscription[] subscriptions() {
    return subscriptions;
  }

  /** Works on one question. On the agent's thread. */
  int advance(FlowTable table, RecordIntake intake, int maxSlots) {
    FlowQuery query = current;
    if (query == null) {
      query = waiting.poll();
      if (query == null) {
        return 0;
      }
    }
    current = query.advance(table, intake, maxSlots) ? null : query;
    return 1;
  }

  /** Refuses all questions, those that wait included. On the agent's thread. */
  void close() {
    closed = true;
    if (current != null) {
      current.fail(closedError());
      current = null;
    }
    refuseWaiting();
  }

  private <T> CompletableFuture<T> ask(TableWalk<T> walk) {
    offer(walk);
    return walk.answer();
  }

  private void offer(FlowQuery query) {
    if (closed) {
      query.fail(closedError());
    } else if (!waiting.offer(query)) {
      query.fail(
          new IllegalStateException(
              MAX_WAITING + " questions to the analytics agent wait already: ask again later"));
    } else if (closed) {
      // It closed in between, and may have emptied the queue before this was in it.
      refuseWaiting();
    }
  }

  private synchronized void refuseWaiting() {
    for (FlowQuery query = waiting.poll(); query != null; query = waiting.poll()) {
      query.fail(closedError());
    }
  }

  private static IllegalStateException closedError() {
    return new IllegalStateException("the analytics agent has closed");
  }

  private static int checked(int flows) {
    if (flows < 1 || flows > MAX_FLOWS) {
      throw new IllegalArgumentException("ask for 1 to " + MAX_FLOWS + " flows, not for " + flows);
    }
    return flows;
  }
}
