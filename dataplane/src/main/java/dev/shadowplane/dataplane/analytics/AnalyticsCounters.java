package dev.shadowplane.dataplane.analytics;

/** Where the analytics agent publishes its counters, once a duty cycle that did something. */
@FunctionalInterface
public interface AnalyticsCounters {
  /** Publishes nothing. */
  AnalyticsCounters NONE = (counter, value) -> {};

  /**
   * Sets a counter. Called on the agent's thread; must not allocate or block.
   *
   * @param counter which
   * @param value its value now
   */
  void set(AnalyticsCounter counter, long value);
}
