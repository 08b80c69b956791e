package dev.shadowplane.control.cli;

import dev.shadowplane.control.monitor.history.CsvHistory;
import dev.shadowplane.control.monitor.history.HistoryException;
import dev.shadowplane.control.monitor.history.PrometheusHistory;
import dev.shadowplane.control.monitor.history.PrometheusHistory.RangeQuery;
import dev.shadowplane.control.monitor.series.Sample;
import dev.shadowplane.control.monitor.series.SeriesKey;
import dev.shadowplane.control.v1.ImportSeriesRequest;
import dev.shadowplane.control.v1.ImportSeriesResponse;
import dev.shadowplane.control.v1.SeriesHistory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Imports the history of series. */
@Command(
    name = "import",
    description = {
      "Imports the history of series from CSV, or from the answer of a Prometheus server to a range query: minutes of the"
          + " latest 14 days, and hours of the latest 13 months, in place of what was there of them.",
      "All of it is imported or nothing."
    },
    footer = {
      "",
      "Example: shadowplane series import 'requests{service=\"web\"}' --csv requests.csv",
      "Example: shadowplane series import --prometheus http://127.0.0.1:9090 --query 'rate(requests_total[5m])' --last 7d"
          + " --step 5m"
    })
final class SeriesImportCommand implements Callable<Integer> {
  private static final String NOW = "now";

  @Parameters(
      arity = "0..1",
      paramLabel = "SERIES",
      description =
          "What to call it: NAME or NAME{LABEL=\"VALUE\"}. For Prometheus, what it is called there by default.")
  private @Nullable String series;

  @ArgGroup(multiplicity = "1")
  private Origin origin = new Origin();

  private static final class Origin {
    @Option(
        names = "--csv",
        paramLabel = "FILE",
        description =
            "CSV with times (ISO 8601, or a number since 1970 in s, ms, us or ns) and values.")
    private @Nullable Path csv;

    @Option(
        names = "--prometheus-file",
        paramLabel = "FILE",
        description = "A kept answer to /api/v1/query_range.")
    private @Nullable Path file;

    @Option(
        names = "--prometheus",
        paramLabel = "URL",
        description = "A Prometheus server, to be asked --query.")
    private @Nullable URI server;
  }

  @Option(
      names = "--time-column",
      paramLabel = "NAME",
      defaultValue = "timestamp",
      description = "The column of times; default ${DEFAULT-VALUE}, or the first without a header.")
  private String timeColumn;

  @Option(
      names = "--value-column",
      paramLabel = "NAME",
      defaultValue = "value",
      description =
          "The column of values; default ${DEFAULT-VALUE}, or the second without a header.")
  private String valueColumn;

  @Option(names = "--query", paramLabel = "PROMQL", description = "What to ask Prometheus.")
  private @Nullable String query;

  @Option(
      names = "--last",
      paramLabel = "TIME",
      defaultValue = "1d",
      converter = DurationText.class,
      description = "Ask Prometheus for so long up to now; default ${DEFAULT-VALUE}.")
  private long lastNs;

  @Option(
      names = "--step",
      paramLabel = "TIME",
      defaultValue = "1m",
      converter = DurationText.class,
      description = "The time between two values of Prometheus; default ${DEFAULT-VALUE}.")
  private long stepNs;

  @Option(
      names = "--end",
      paramLabel = "TIME",
      description = "Move everything in time so that the latest measurement is at TIME, or 'now'.")
  private @Nullable String end;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    final ImportSeriesRequest request;
    try {
      request = request(read());
    } catch (HistoryException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
    final ImportSeriesResponse response;
    try (ControlConnection connection = control.connect()) {
      response = connection.callMonitoring(stub -> stub.importSeries(request));
    }
    final Table table = new Table("imported", List.of("series", "points"));
    table.add(Messages.object(response));
    output.print(table);
    return 0;
  }

  private Map<SeriesKey, List<Sample>> read() throws HistoryException, CommandFailure {
    if (origin.csv != null) {
      if (series == null) {
        throw CommandFailure.input("--csv needs the name of the series: write it first");
      }
      return Map.of(key(series), CsvHistory.read(origin.csv, timeColumn, valueColumn));
    }
    final Map<SeriesKey, List<Sample>> history;
    if (origin.server == null) {
      history = PrometheusHistory.read(Objects.requireNonNull(origin.file));
    } else {
      if (query == null) {
        throw CommandFailure.input("--prometheus needs --query: write what to ask in PromQL");
      }
      if (!String.valueOf(origin.server.getScheme()).matches("https?")) {
        throw CommandFailure.input("--prometheus is no URL: write http://HOST:PORT");
      }
      final long now = Instant.now().getEpochSecond();
      history =
          PrometheusHistory.ask(
              new RangeQuery(
                  origin.server,
                  query,
                  now - TimeUnit.NANOSECONDS.toSeconds(lastNs),
                  now,
                  SeriesTimes.wholeSeconds("--step", stepNs)));
    }
    if (series == null) {
      return history;
    }
    if (history.size() > 1) {
      throw CommandFailure.input(
          "the answer has " + history.size() + " series: leave their name out, or ask for one");
    }
    return Map.of(key(series), history.values().iterator().next());
  }

  private static SeriesKey key(final String text) throws CommandFailure {
    try {
      return SeriesKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input("'" + text + "' " + e.getMessage());
    }
  }

  private ImportSeriesRequest request(final Map<SeriesKey, List<Sample>> history)
      throws CommandFailure {
    final long shift = end == null ? 0 : endSecond(end) - latest(history);
    final ImportSeriesRequest.Builder request = ImportSeriesRequest.newBuilder();
    history.forEach((key, samples) -> {
      final SeriesHistory.Builder one = SeriesHistory.newBuilder().setSeries(key.toString());
      samples.forEach(sample -> one.addSeconds(sample.second() + shift).addValues(sample.value()));
      request.addHistory(one);
    });
    return request.build();
  }

  private static long endSecond(final String text) throws CommandFailure {
    return text.equals(NOW) ? Instant.now().getEpochSecond() : SeriesTimes.second("--end", text);
  }

  private static long latest(final Map<SeriesKey, List<Sample>> history) {
    return history.values().stream()
        .filter(samples -> !samples.isEmpty())
        .mapToLong(samples -> samples.getLast().second())
        .max()
        .orElse(0);
  }
}
