package dev.shadowplane.dataplane.analytics.aggregate;

import java.util.List;

/**
 * The largest sums of a kind in a window.
 *
 * @param fromNs where the window begins, ns since 1970
 * @param toNs where it ends
 * @param total everything; its directions are those of the flows, and its distinct counts those of
 *     the latest hour at most
 * @param keys keys with sums of their own
 * @param untracked what is in none of them, without a name; of it the rows hold what sketches know
 * @param rows the largest first
 */
public record AggregateReport(
    long fromNs,
    long toNs,
    AggregateRow total,
    int keys,
    AggregateRow untracked,
    List<AggregateRow> rows) {
  /** Copies the list. */
  public AggregateReport {
    rows = List.copyOf(rows);
  }
}
