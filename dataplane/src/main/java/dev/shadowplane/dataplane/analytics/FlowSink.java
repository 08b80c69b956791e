package dev.shadowplane.dataplane.analytics;

/** Takes flows as they end, on the thread that updates the table. */
@FunctionalInterface
public interface FlowSink {
  /**
   * A flow ended.
   *
   * @param flow valid during this call only
   * @param reason why, never {@link EndReason#ONGOING}
   */
  void onFlow(FlowView flow, EndReason reason);
}
