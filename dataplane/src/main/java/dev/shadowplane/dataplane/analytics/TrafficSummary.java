package dev.shadowplane.dataplane.analytics;

import java.util.SortedMap;

/**
 * What was taken, in totals.
 *
 * @param frames frames taken
 * @param malformed those among them with malformed headers; those whose addresses could be read are
 *     in flows too
 * @param notIp those that are neither malformed nor IP, by EtherType; under 0 those with a length
 *     in its place (IEEE 802.3)
 * @param flows flows in the table
 * @param flowsEnded flows that ended, evicted ones included
 * @param flowsEvicted flows evicted because the table was full
 */
public record TrafficSummary(
    long frames,
    long malformed,
    SortedMap<Integer, Long> notIp,
    int flows,
    long flowsEnded,
    long flowsEvicted) {

  static TrafficSummary of(RecordIntake intake, FlowTable table) {
    return new TrafficSummary(
        intake.records(),
        intake.malformed(),
        intake.notIp(),
        table.size(),
        table.ended(),
        table.evictions());
  }
}
