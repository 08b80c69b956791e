package dev.shadowplane.dataplane.analytics.aggregate;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A question on its way: what it needs is copied on the thread of the sums, a minute at a time, and
 * made into a report on another.
 */
final class AggregateQuery {
  private final AggregateQuestion question;
  private final CompletableFuture<AggregateReport> report = new CompletableFuture<>();
  private @Nullable AggregateAnswer answer;

  AggregateQuery(AggregateQuestion question) {
    this.question = question;
  }

  CompletableFuture<AggregateReport> report() {
    return report;
  }

  void fail(RuntimeException reason) {
    report.completeExceptionally(reason);
  }

  /** Copies one more piece; true when it has all. */
  boolean advance(Aggregates from) {
    final AggregateAnswer begun = answer;
    if (begun == null) {
      answer = begin(from);
      return false;
    }
    begun.total().addMinute();
    if (begun.sums().addMinute()) {
      return false;
    }
    // On another thread, so that whatever the asker chained to it does not run on this one.
    report.completeAsync(begun::report);
    return true;
  }

  private AggregateAnswer begin(Aggregates from) {
    final int minutes = question.minutes();
    final int distinctMinutes = Math.min(minutes, MinuteSums.MINUTES);
    final Map<Long, List<DistinctSketches>> byNetwork =
        question.kind() == AggregateKind.NETWORK
            ? from.distincts().latestByNetwork(distinctMinutes)
            : Map.of();
    return new AggregateAnswer(
        question,
        from.fromNs(minutes),
        from.nowNs(),
        from.table(question.kind()).copy(minutes),
        from.table(AggregateKind.TOTAL).copy(minutes),
        from.distincts().latest(distinctMinutes),
        byNetwork);
  }
}
