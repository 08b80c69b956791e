package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.Aggregate;
import dev.shadowplane.control.v1.AggregateQuery;
import dev.shadowplane.control.v1.AggregateReport;
import dev.shadowplane.control.v1.DistinctCounts;
import dev.shadowplane.control.v1.Estimate;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateKind;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateOrder;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateQuestion;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateRow;

/** Questions and reports about sums as messages of the contract. */
public final class AggregateMessages {
  private static final int DEFAULT_LIMIT = 20;

  private AggregateMessages() {}

  /**
   * The question that a message asks.
   *
   * @param query the message.
   * @return the question.
   * @throws IllegalArgumentException if a field is out of its range; the message names it.
   */
  public static AggregateQuestion question(final AggregateQuery query) {
    final int limit = query.getLimit();
    if (limit < 0 || limit > AggregateQuestion.MAX_LIMIT) {
      throw new IllegalArgumentException(
          "limit is "
              + limit
              + ": write 1 to "
              + AggregateQuestion.MAX_LIMIT
              + ", or 0 for "
              + DEFAULT_LIMIT);
    }
    final int minutes = query.getWindowMinutes();
    if (minutes < 0 || minutes > AggregateQuestion.MAX_MINUTES) {
      throw new IllegalArgumentException(
          "window_minutes is "
              + minutes
              + ": write 1 to "
              + AggregateQuestion.MAX_MINUTES
              + ", or 0 for 1");
    }
    return new AggregateQuestion(
        kind(query),
        order(query),
        limit == 0 ? DEFAULT_LIMIT : limit,
        query.getEverything() ? AggregateQuestion.EVERYTHING : Math.max(1, minutes));
  }

  /**
   * A report as a message, with the numbers of rules where names are not known.
   *
   * @param report the report.
   * @return the message.
   */
  public static AggregateReport message(
      final dev.shadowplane.dataplane.analytics.aggregate.AggregateReport report) {
    final AggregateReport.Builder message =
        AggregateReport.newBuilder()
            .setFromNs(report.fromNs())
            .setToNs(report.toNs())
            .setTotal(message(report.total()))
            .setKeys(report.keys())
            .setUntracked(message(report.untracked()));
    report.rows().forEach(row -> message.addAggregates(message(row)));
    return message.build();
  }

  /** A row as a message. */
  static Aggregate message(final AggregateRow row) {
    final Aggregate.Builder message =
        Aggregate.newBuilder()
            .setName(row.name())
            .setPeer(row.peer())
            .setPackets(row.atLeast().packets())
            .setBytes(row.atLeast().bytes())
            .setFlows(row.atLeast().flows())
            .setPacketsError(row.error().packets())
            .setBytesError(row.error().bytes())
            .setFlowsError(row.error().flows())
            .setSentPackets(row.sent().packets())
            .setSentBytes(row.sent().bytes())
            .setReceivedPackets(row.received().packets())
            .setReceivedBytes(row.received().bytes());
    if (row.flowsNow() != AggregateRow.UNKNOWN) {
      message.setFlowsNow(row.flowsNow());
    }
    if (row.distinct() != null) {
      message.setDistinct(
          DistinctCounts.newBuilder()
              .setSources(message(row.distinct().sources()))
              .setDestinations(message(row.distinct().destinations()))
              .setPorts(message(row.distinct().ports()))
              .setPairs(message(row.distinct().pairs())));
    }
    return message.build();
  }

  private static Estimate message(
      final dev.shadowplane.dataplane.analytics.aggregate.DistinctCounts.Estimate estimate) {
    return Estimate.newBuilder()
        .setCount(estimate.count())
        .setAtLeast(estimate.atLeast())
        .setAtMost(estimate.atMost())
        .build();
  }

  private static AggregateKind kind(final AggregateQuery query) {
    return switch (query.getKind()) {
      case AGGREGATE_KIND_HOST -> AggregateKind.HOST;
      case AGGREGATE_KIND_PAIR -> AggregateKind.PAIR;
      case AGGREGATE_KIND_VM_PAIR -> AggregateKind.VM_PAIR;
      case AGGREGATE_KIND_SUBNET -> AggregateKind.SUBNET;
      case AGGREGATE_KIND_NETWORK -> AggregateKind.NETWORK;
      case AGGREGATE_KIND_RULE -> AggregateKind.RULE;
      case AGGREGATE_KIND_PORT -> AggregateKind.PORT;
      case AGGREGATE_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "kind is not set or unknown: write one such as AGGREGATE_KIND_HOST");
    };
  }

  private static AggregateOrder order(final AggregateQuery query) {
    return switch (query.getOrder()) {
      case AGGREGATE_ORDER_UNSPECIFIED, AGGREGATE_ORDER_BYTES -> AggregateOrder.BYTES;
      case AGGREGATE_ORDER_PACKETS -> AggregateOrder.PACKETS;
      case AGGREGATE_ORDER_FLOWS -> AggregateOrder.FLOWS;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "order is unknown: write AGGREGATE_ORDER_BYTES, AGGREGATE_ORDER_PACKETS or"
                  + " AGGREGATE_ORDER_FLOWS");
    };
  }
}
