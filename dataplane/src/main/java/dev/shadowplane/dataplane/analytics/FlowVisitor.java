package dev.shadowplane.dataplane.analytics;

/** Looks at flows in the table. */
@FunctionalInterface
interface FlowVisitor {
  /**
   * One flow that has counted a packet.
   *
   * @param flow valid during this call only
   */
  void visit(FlowView flow);
}
