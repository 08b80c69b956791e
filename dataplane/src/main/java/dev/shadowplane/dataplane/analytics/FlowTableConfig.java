package dev.shadowplane.dataplane.analytics;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * The limits of a {@link FlowTable}.
 *
 * @param capacity flows held at once of each IP version, and those of both together that are
 *     measured, {@link #MIN_CAPACITY} to {@link #MAX_CAPACITY}
 * @param idleTimeoutNs a flow without a packet for this long ends; positive
 * @param activeTimeoutNs a flow that lasts this long is cut; positive
 */
public record FlowTableConfig(int capacity, long idleTimeoutNs, long activeTimeoutNs) {
  /** The smallest table. */
  public static final int MIN_CAPACITY = 16;

  /** The largest table. */
  public static final int MAX_CAPACITY = 1 << 25;

  /** Memory that a flow takes at most: an IPv6 one, measured, with its part of the index. */
  public static final int FLOW_BYTES = 512;

  /**
   * 15 s idle, 60 s active; ten million flows, or fewer where that many, all of IPv6 and measured
   * at {@link #FLOW_BYTES} each, would take more than a quarter of the machine's (or container's)
   * memory. What flows do not use is not taken.
   */
  public static final FlowTableConfig DEFAULT =
      new FlowTableConfig(
          defaultCapacity(), TimeUnit.SECONDS.toNanos(15), TimeUnit.SECONDS.toNanos(60));

  private static final int MOST_BY_DEFAULT = 10_000_000;

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

  private static int defaultCapacity() {
    final OperatingSystemMXBean machine =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    final long fitting = machine.getTotalMemorySize() / 4 / FLOW_BYTES;
    return Math.clamp(fitting, MIN_CAPACITY, MOST_BY_DEFAULT);
  }
}
