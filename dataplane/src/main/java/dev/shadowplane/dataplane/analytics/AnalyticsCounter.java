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
  /** Flows the table holds at most of each IP version, and measures at most of both. */
  FLOW_CAPACITY("flow capacity"),
  /** How full the table is, of the IP version that has more flows, percent. */
  FLOW_TABLE_LOAD("flow table load percent"),
  /** Flows in the table that have statistics of their full records. */
  FLOWS_MEASURED("flows measured"),
  /** Flows whose full records found no room for statistics. */
  FLOWS_UNMEASURED("flows unmeasured"),
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
