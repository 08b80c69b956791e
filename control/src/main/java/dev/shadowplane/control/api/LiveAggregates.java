package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.Aggregate;
import dev.shadowplane.control.v1.AggregateReport;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateKind;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateOrder;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateQuestion;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateRow;
import dev.shadowplane.dataplane.analytics.aggregate.Aggregates;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * The sums that the analytics agent keeps. One answer serves all who ask the same within {@value
 * #FRESH_MS} ms. Any thread; never waits.
 */
final class LiveAggregates {
  private static final long FRESH_MS = 100;

  private final Aggregates aggregates;
  private final RuleNames rules;
  private final Map<AggregateQuestion, Answer> answers = new HashMap<>();

  /** An answer on its way or fresh, for whoever asks meanwhile. */
  private record Answer(long askedNs, CompletableFuture<AggregateReport> report) {
    boolean isFresh() {
      return !report.isCompletedExceptionally()
          && (!report.isDone()
              || System.nanoTime() - askedNs < TimeUnit.MILLISECONDS.toNanos(FRESH_MS));
    }
  }

  LiveAggregates(final Aggregates aggregates, final RuleNames rules) {
    this.aggregates = aggregates;
    this.rules = rules;
  }

  /** Completes on a thread that must not be held up. */
  synchronized CompletableFuture<AggregateReport> report(final AggregateQuestion question) {
    answers.values().removeIf(answer -> !answer.isFresh());
    return answers
        .computeIfAbsent(question, asked -> new Answer(System.nanoTime(), ask(asked)))
        .report();
  }

  private CompletableFuture<AggregateReport> ask(final AggregateQuestion question) {
    final CompletableFuture<AggregateReport> report =
        question.kind() == AggregateKind.RULE
            ? aggregates
                .ask(
                    new AggregateQuestion(
                        question.kind(),
                        question.order(),
                        AggregateQuestion.MAX_LIMIT,
                        question.minutes()))
                .thenApply(all -> byName(all, question))
            : aggregates.ask(question).thenApply(AggregateMessages::message);
    return report.exceptionally(thrown -> {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("the sums cannot be read now: " + thrown.getMessage())
          .asRuntimeException();
    });
  }

  /** Rules by their names, of which each worker has its own number until the name is known. */
  private AggregateReport byName(
      final dev.shadowplane.dataplane.analytics.aggregate.AggregateReport report,
      final AggregateQuestion question) {
    final Map<String, Aggregate> byName = new LinkedHashMap<>();
    for (final AggregateRow row : report.rows()) {
      final String name = row.rule() == AggregateRow.UNKNOWN ? "" : rules.nameOf(row.rule());
      final Aggregate message = AggregateMessages.message(row);
      final Aggregate named = name.isEmpty() ? message : message.toBuilder().setName(name).build();
      byName.merge(named.getName(), named, LiveAggregates::sum);
    }
    final List<Aggregate> rows = new ArrayList<>(byName.values());
    rows.sort(Comparator.comparingLong(value(question.order())).reversed());
    return AggregateMessages.message(report).toBuilder()
        .setKeys(rows.size())
        .clearAggregates()
        .addAllAggregates(rows.subList(0, Math.min(question.limit(), rows.size())))
        .build();
  }

  private static ToLongFunction<Aggregate> value(final AggregateOrder order) {
    return switch (order) {
      case BYTES -> Aggregate::getBytes;
      case PACKETS -> Aggregate::getPackets;
      case FLOWS -> Aggregate::getFlows;
    };
  }

  private static Aggregate sum(final Aggregate one, final Aggregate other) {
    return one.toBuilder()
        .setPackets(one.getPackets() + other.getPackets())
        .setBytes(one.getBytes() + other.getBytes())
        .setFlows(one.getFlows() + other.getFlows())
        .setPacketsError(one.getPacketsError() + other.getPacketsError())
        .setBytesError(one.getBytesError() + other.getBytesError())
        .setFlowsError(one.getFlowsError() + other.getFlowsError())
        .setSentPackets(one.getSentPackets() + other.getSentPackets())
        .setSentBytes(one.getSentBytes() + other.getSentBytes())
        .setReceivedPackets(one.getReceivedPackets() + other.getReceivedPackets())
        .setReceivedBytes(one.getReceivedBytes() + other.getReceivedBytes())
        .build();
  }
}
