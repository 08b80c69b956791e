package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.QuerySeriesRequest;
import dev.shadowplane.control.v1.SeriesPoint;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the points of a series. */
@Command(
    name = "query",
    description = {
      "Shows the points of a series: least, mean, most and latest of each, and how many measurements they are of.",
      "There is none for a time in which nothing was measured."
    },
    footer = {
      "",
      "Example: shadowplane series query 'vm.cpu.utilisation{network=\"shop\",vm=\"web-1\"}' --last 6h --step 5m"
    })
final class SeriesQueryCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("time", "step_seconds", "min", "mean", "max", "last", "count");

  @Parameters(paramLabel = "SERIES", description = "As 'series ls' shows it.")
  private String series;

  @Option(
      names = "--last",
      paramLabel = "TIME",
      defaultValue = "1h",
      converter = DurationText.class,
      description = "From so long ago, in place of --from; default ${DEFAULT-VALUE}.")
  private long lastNs;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "From when: 2026-11-20T10:00:00Z, or nanoseconds since 1970.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TIME", description = "To before when; default now.")
  private @Nullable String to;

  @Option(
      names = "--step",
      paramLabel = "TIME",
      defaultValue = "1m",
      converter = DurationText.class,
      description =
          "The time of a point, whole seconds; default ${DEFAULT-VALUE}. It is made longer where what is asked for is no"
              + " longer kept that finely.")
  private long stepNs;

  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ControlOption control = new ControlOption();

  @Override
  public Integer call() throws Exception {
    final QuerySeriesRequest.Builder request =
        QuerySeriesRequest.newBuilder()
            .setSeries(series)
            .setStepSeconds(SeriesTimes.wholeSeconds("--step", stepNs));
    final long until =
        to == null ? Instant.now().getEpochSecond() + 1 : SeriesTimes.second("--to", to);
    request.setToSecond(until);
    request.setFromSecond(
        from == null
            ? until - TimeUnit.NANOSECONDS.toSeconds(lastNs)
            : SeriesTimes.second("--from", from));
    final Table table = new Table("points", COLUMNS).with("series", series);
    try (ControlConnection connection = control.connect()) {
      for (final SeriesPoint point :
          connection.callMonitoring(stub -> stub.querySeries(request.build())).getPointsList()) {
        final Map<String, Object> row = new LinkedHashMap<>();
        row.put("time", Instant.ofEpochSecond(point.getSecond()).toString());
        row.putAll(Messages.object(point));
        table.add(row);
      }
    }
    output.print(table);
    return 0;
  }
}
