package dev.shadowplane.dataplane.analytics;

/** What the analytics agent publishes about itself. */
public enum AnalyticsCounter {
  /** Records taken. */
  RECORDS_TAKEN("records taken"),
  /** Ring messages skipped because they contradict themselves. */
  BAD_MESSAGES("bad record messages"),
  /** Frames whose headers are malformed. */
  MALFORMED("malformed frames"),
  /** Frames that are not IP. */
  NOT_IP("frames not IP"),
  /** Flows in the table. */
  FLOWS("flows"),
  /** Flows the table holds at most. */
  FLOW_CAPACITY("flow capacity"),
  /** Flows that ended, evicted ones included. */
  FLOWS_ENDED("flows ended"),
  /** Flows evicted because the table was full. */
  FLOWS_EVICTED("flows evicted"),
  /** Age of the oldest burst read in the last duty cycle, ns; 0 when there was none. */
  LAG_NS("analytics lag ns"),
  /** Flows that subscribers were too slow to take. */
  FLOWS_MISSED("flows missed by subscribers");

  private final String label;

  AnalyticsCounter(String label) {
    this.label = label;
  }

  /**
   * What people read beside the value.
   *
   * @return lower case words
   */
  public String label() {
    return label;
  }
}
