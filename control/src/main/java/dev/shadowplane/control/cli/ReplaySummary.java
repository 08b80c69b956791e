package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.Json;
import dev.shadowplane.dataplane.replay.Replay;
import dev.shadowplane.dataplane.replay.ReplayStatus;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** What a replay has done, and how exactly. */
final class ReplaySummary {
  /** Steps of the histogram that halve what is left to 100 %. */
  private static final int TICKS_A_HALF = 1;

  private static final double MICROSECOND_NS = 1e3;

  private ReplaySummary() {}

  static void print(final Replay replay, final SummaryFormat format, final PrintWriter out) {
    final ReplayStatus status = replay.status();
    if (format == SummaryFormat.json) {
      out.println(Json.writePretty(object(status, replay.errors(), replay.durationNs())));
    } else {
      text(status, replay.errors(), replay.durationNs(), out);
    }
    out.flush();
  }

  private static Map<String, Object> object(
      final ReplayStatus status, final Histogram errors, final long durationNs) {
    final Map<String, Object> object = new LinkedHashMap<>(status.toMap());
    object.put("duration-ns", durationNs);
    final List<Object> steps = new ArrayList<>();
    for (final HistogramIterationValue step : errors.percentiles(TICKS_A_HALF)) {
      steps.add(
          Map.of(
              "percentile",
              step.getPercentileLevelIteratedTo(),
              "error-ns",
              step.getValueIteratedTo(),
              "frames",
              step.getTotalCountToThisValue()));
    }
    object.put("timing-error", steps);
    return object;
  }

  private static void text(
      final ReplayStatus status,
      final Histogram errors,
      final long durationNs,
      final PrintWriter out) {
    final long sent = status.count("sent");
    final double seconds = durationNs / 1e9;
    out.println(
        String.format(
            Locale.ROOT,
            "%s: %,d of %,d frames, %,d bytes, in %.3f s (%,.0f frames/s, %,.3f Mbit/s)",
            status.state().label(),
            sent,
            status.count("loaded"),
            status.count("bytes"),
            seconds,
            seconds > 0 ? sent / seconds : 0,
            seconds > 0 ? status.count("bytes") * 8 / seconds / 1e6 : 0));
    status
        .counters()
        .forEach((what, count) -> {
          if (count > 0
              && (what.startsWith("late.")
                  || what.startsWith("dropped.")
                  || what.equals("filtered"))) {
            out.println(String.format(Locale.ROOT, "%s: %,d", what, count));
          }
        });
    if (errors.getTotalCount() > 0) {
      out.println("timing error, sent less scheduled:");
      for (final double quantile : new double[] {50, 90, 99, 99.9, 99.99, 100}) {
        out.println(
            String.format(
                Locale.ROOT,
                "  %-6s %,12.3f us",
                quantile == 100
                    ? "max"
                    : "p" + (quantile == Math.rint(quantile) ? "" + (int) quantile : "" + quantile),
                errors.getValueAtPercentile(quantile) / MICROSECOND_NS));
      }
    }
  }
}
