package dev.shadowplane.dataplane.analytics;

/** A request that the agent works on between its duty cycles' records. */
interface FlowQuery {
  /**
   * Does one bounded piece, on the agent's thread.
   *
   * @param table the table
   * @param intake its totals
   * @param maxSlots entries to look at, at most
   * @return true when it is answered
   */
  boolean advance(FlowTable table, RecordIntake intake, int maxSlots);

  /** Answers with an error. Any thread. */
  void fail(RuntimeException reason);
}
