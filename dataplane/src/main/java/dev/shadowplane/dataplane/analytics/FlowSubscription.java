package dev.shadowplane.dataplane.analytics;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Flows on their way from the analytics agent to one subscriber. The agent never waits for it: what
 * finds the queue full is missed and counted. Polled by one thread; the rest is for any.
 */
public final class FlowSubscription implements AutoCloseable {
  private final boolean updates;
  private final int capacity;
  private final Consumer<FlowSubscription> onClose;
  private final OneToOneConcurrentArrayQueue<Flow> queue;
  private final AtomicLong missed = new AtomicLong();

  FlowSubscription(boolean updates, int capacity, Consumer<FlowSubscription> onClose) {
    this.updates = updates;
    this.capacity = capacity;
    this.onClose = onClose;
    queue = new OneToOneConcurrentArrayQueue<>(Math.max(2, capacity));
  }

  /**
   * The next flow.
   *
   * @return null when none waits
   */
  public @Nullable Flow poll() {
    return queue.poll();
  }

  /**
   * Flows that were not queued because too many waited.
   *
   * @return how many so far
   */
  public long missed() {
    return missed.get();
  }

  /** Ends it; what waits can still be polled. */
  @Override
  public void close() {
    onClose.accept(this);
  }

  boolean wantsUpdates() {
    return updates;
  }

  /** Queues a copy, made only when there is room. On the agent's thread. */
  boolean offer(FlowView flow, EndReason reason) {
    if (queue.size() < capacity && queue.offer(flow.flow(reason))) {
      return true;
    }
    missed.lazySet(missed.get() + 1);
    return false;
  }
}
