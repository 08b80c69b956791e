package dev.shadowplane.dataplane.analytics.aggregate;

import dev.shadowplane.dataplane.analytics.aggregate.AggregateRow.Amounts;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateRow.Traffic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a report of what was copied, on the thread of whoever asked: unites sketches, sorts rows.
 *
 * @param question what was asked
 * @param fromNs where the window begins
 * @param toNs where it ends
 * @param sums those of the kind
 * @param total those of everything
 * @param distinct sketches of everything
 * @param distinctByNetwork those by the first word of a network's key; empty for other kinds
 */
record AggregateAnswer(
    AggregateQuestion question,
    long fromNs,
    long toNs,
    AggregateTable.Copy sums,
    AggregateTable.Copy total,
    List<DistinctSketches> distinct,
    Map<Long, List<DistinctSketches>> distinctByNetwork) {
  private static final Amounts NOTHING = new Amounts(0, 0, 0);

  /** With as many rows as were asked for. */
  AggregateReport report() {
    final AggregateReport all = all();
    return new AggregateReport(
        fromNs,
        toNs,
        all.total(),
        all.keys(),
        all.untracked(),
        all.rows().subList(0, Math.min(question.limit(), all.rows().size())));
  }

  /** With every key that is known. */
  AggregateReport all() {
    final Untracked sketches = sums.untracked();
    final Set<AggregateKey> others = sketches.keys();
    final Set<AggregateKey> tracked = new HashSet<>();
    final List<AggregateRow> rows = new ArrayList<>();
    for (int number = KeyIndex.FIRST; number < sums.highWater(); number++) {
      final AggregateKey key = sums.key(number);
      if (key != null) {
        tracked.add(key);
        add(rows, tracked(number, key, sketches));
      }
    }
    for (AggregateKey key : others) {
      if (!tracked.contains(key)) {
        add(
            rows,
            row(
                key,
                atLeast(key, sketches),
                error(sketches),
                new Traffic(0, 0),
                new Traffic(0, 0)));
      }
    }
    rows.sort(
        Comparator.comparingLong((AggregateRow row) -> question.order().valueOf(row))
            .reversed()
            .thenComparing(AggregateRow::name)
            .thenComparing(AggregateRow::peer));
    return new AggregateReport(
        fromNs,
        toNs,
        sum("all", total, KeyIndex.FIRST, DistinctCounts.of(distinct)),
        tracked.size(),
        sum("untracked", sums, AggregateTable.UNTRACKED, null),
        rows);
  }

  private static void add(List<AggregateRow> rows, AggregateRow row) {
    if (!row.atLeast().equals(NOTHING)) {
      rows.add(row);
    }
  }

  private AggregateRow tracked(int number, AggregateKey key, Untracked sketches) {
    final Amounts own = amounts(sums, number);
    final Amounts sketched = atLeast(key, sketches);
    final AggregateRow row =
        row(
            key,
            new Amounts(
                own.packets() + sketched.packets(),
                own.bytes() + sketched.bytes(),
                own.flows() + sketched.flows()),
            sums.isExact(number) ? NOTHING : error(sketches),
            sent(sums, number),
            received(sums, number));
    return question.kind().countsFlowsNow() ? row.withFlowsNow(sums.flowsNow(number)) : row;
  }

  private AggregateRow row(
      AggregateKey key, Amounts atLeast, Amounts error, Traffic sent, Traffic received) {
    final AggregateKind kind = question.kind();
    final List<DistinctSketches> ofNetwork =
        kind == AggregateKind.NETWORK ? distinctByNetwork.get(key.first) : null;
    return new AggregateRow(
        KeyText.name(kind, key),
        KeyText.peer(kind, key),
        kind == AggregateKind.RULE ? Math.max(key.first, AggregateRow.UNKNOWN) : -1,
        atLeast,
        error,
        sent,
        received,
        AggregateRow.UNKNOWN,
        ofNetwork == null ? null : DistinctCounts.of(ofNetwork));
  }

  private static AggregateRow sum(
      String name, AggregateTable.Copy of, int number, @Nullable DistinctCounts distinct) {
    return new AggregateRow(
        name,
        "",
        AggregateRow.UNKNOWN,
        number < of.highWater() ? amounts(of, number) : NOTHING,
        NOTHING,
        number < of.highWater() ? sent(of, number) : new Traffic(0, 0),
        number < of.highWater() ? received(of, number) : new Traffic(0, 0),
        number < of.highWater() && number >= KeyIndex.FIRST
            ? of.flowsNow(number)
            : AggregateRow.UNKNOWN,
        distinct);
  }

  private static Amounts atLeast(AggregateKey key, Untracked sketches) {
    return new Amounts(
        sketches.atLeast(AggregateOrder.PACKETS, key),
        sketches.atLeast(AggregateOrder.BYTES, key),
        sketches.atLeast(AggregateOrder.FLOWS, key));
  }

  /**
   * Of a key that was not always tracked: what sketches may not hold of it, and what they missed.
   */
  private Amounts error(Untracked sketches) {
    final Amounts missed = amounts(sums, AggregateTable.MISSED);
    return new Amounts(
        sketches.error(AggregateOrder.PACKETS) + missed.packets(),
        sketches.error(AggregateOrder.BYTES) + missed.bytes(),
        sketches.error(AggregateOrder.FLOWS) + missed.flows());
  }

  private static Amounts amounts(AggregateTable.Copy of, int number) {
    final Traffic sent = sent(of, number);
    final Traffic received = received(of, number);
    return new Amounts(
        sent.packets() + received.packets(),
        sent.bytes() + received.bytes(),
        of.amount(number, MinuteSums.FLOWS));
  }

  private static Traffic sent(AggregateTable.Copy of, int number) {
    return new Traffic(
        of.amount(number, MinuteSums.SENT_PACKETS), of.amount(number, MinuteSums.SENT_BYTES));
  }

  private static Traffic received(AggregateTable.Copy of, int number) {
    return new Traffic(
        of.amount(number, MinuteSums.RECEIVED_PACKETS),
        of.amount(number, MinuteSums.RECEIVED_BYTES));
  }
}
