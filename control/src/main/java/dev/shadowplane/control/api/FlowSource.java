package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import java.util.concurrent.CompletableFuture;

/** Where the service takes flows from. */
@FunctionalInterface
public interface FlowSource {

  /**
   * The largest flows now. Any thread; never waits.
   *
   * @param limit how many at most, 1 to 1,000.
   * @param order by what measure.
   * @return the snapshot, completed on a thread that must not be held up.
   */
  CompletableFuture<FlowSnapshot> top(int limit, FlowOrder order);
}
