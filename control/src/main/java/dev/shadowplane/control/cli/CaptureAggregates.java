package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.AggregateMessages;
import dev.shadowplane.control.v1.AggregateReport;
import dev.shadowplane.dataplane.analytics.CaptureProgress;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.analytics.FlowsOfCapture;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateQuestion;
import dev.shadowplane.dataplane.analytics.aggregate.Aggregates;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Sums of the flows of a capture file, by the code that serves live traffic. */
final class CaptureAggregates {
  private CaptureAggregates() {}

  static AggregateReport report(
      final Path file, final Match frames, final AggregateQuestion question)
      throws CommandFailure, IOException {
    CaptureArgument.checkReadable(file);
    try (Aggregates aggregates = new Aggregates(List.of());
        CaptureReader reader = CaptureReader.open(file)) {
      new FlowsOfCapture(FlowTableConfig.DEFAULT, frames, false)
          .read(reader, file.toString(), (flow, reason) -> {}, aggregates, CaptureProgress.NONE);
      final CompletableFuture<dev.shadowplane.dataplane.analytics.aggregate.AggregateReport>
          report = aggregates.ask(question);
      aggregates.settle();
      return AggregateMessages.message(report.join());
    }
  }
}
