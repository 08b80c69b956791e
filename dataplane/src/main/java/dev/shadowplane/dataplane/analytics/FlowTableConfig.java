package dev.shadowplane.dataplane.analytics;

import java.util.concurrent.TimeUnit;

/**
 * The limits of a {@link FlowTable}.
 *
 * @param capacity flows held at once, {@link #MIN_CAPACITY} to {@link #MAX_CAPACITY}
 * @param idleTimeoutNs a flow without a packet for this long ends; positive
 * @param activeTimeoutNs a flow that lasts this long is cut; positive
 */
public record FlowTableConfig(int capacity, long idleTimeoutNs, long activeTimeoutNs) {
  /** The smallest table. */
  public static final int MIN_CAPACITY = 16;

  /** The largest table. */
  public static final int MAX_CAPACITY = 1 << 25;

  /** A million flows, 15 s idle, 60 s active. */
  public static final FlowTableConfig DEFAULT =
      new FlowTableConfig(1 << 20, TimeUnit.SECONDS.toNanos(15), TimeUnit.SECONDS.toNanos(60));

  /** Checks the limits. */
  public FlowTableConfig {
    if (capacity < MIN_CAPACITY || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "a flow table holds "
              + MIN_CAPACITY
              + " to "
              + MAX_CAPACITY
              + " flows: choose such a capacity instead of "
              + capacity);
    }
    if (idleTimeoutNs <= 0 || activeTimeoutNs <= 0) {
      throw new IllegalArgumentException(
          "flow timeouts are positive: idle "
              + idleTimeoutNs
              + " ns and active "
              + activeTimeoutNs
              + " ns cannot be used");
    }
  }
}
