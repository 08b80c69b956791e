package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;

/** Where the service takes flows from. */
@FunctionalInterface
public interface FlowSource {

  /**
   * The largest flows now. Any thread; may wait for the thread that owns the flows.
   *
   * @param limit how many at most, 1 to 1,000.
   * @param order by what measure.
   * @return the snapshot.
   */
  FlowSnapshot top(int limit, FlowOrder order);
}
