package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ListSeriesRequest;
import dev.shadowplane.control.v1.ListSeriesResponse;
import dev.shadowplane.control.v1.SeriesInfo;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists series. */
@Command(
    name = "ls",
    description = "Lists series with their latest values.",
    footer = {"", "Example: shadowplane series ls 'vm.cpu.*{network=\"shop\"}'"})
final class SeriesLsCommand implements Callable<Integer> {
  private static final List<String> COLUMNS = List.of("series", "last_time", "last_value");

  @Parameters(
      arity = "0..1",
      paramLabel = "SELECTOR",
      defaultValue = "",
      description =
          "A name, or how it begins and *, and labels that a series has: NAME{LABEL=\"VALUE\"}; default all.")
  private String selector;

  @Option(
      names = "--limit",
      defaultValue = "1000",
      paramLabel = "N",
      description = "How many, 1 to 100,000; default ${DEFAULT-VALUE}.")
  private int limit;

  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ControlOption control = new ControlOption();

  @Override
  public Integer call() throws Exception {
    if (limit < 1) {
      throw CommandFailure.input("--limit is " + limit + ": write 1 to 100000");
    }
    final ListSeriesResponse response;
    try (ControlConnection connection = control.connect()) {
      response =
          connection.callMonitoring(stub ->
              stub.listSeries(
                  ListSeriesRequest.newBuilder().setSelector(selector).setLimit(limit).build()));
    }
    final Table table =
        new Table("series", COLUMNS)
            .with("selected", response.getSelected())
            .with("total", response.getTotal())
            .with("max", response.getMax())
            .with("refused", response.getRefused());
    for (final SeriesInfo series : response.getSeriesList()) {
      final Map<String, Object> row = new LinkedHashMap<>();
      row.put("series", series.getSeries());
      row.put("last_time", Instant.ofEpochSecond(series.getLastSecond()).toString());
      if (series.hasLastValue()) {
        row.put("last_value", series.getLastValue());
      }
      table.add(row);
    }
    output.print(table);
    output.note(
        response.getSeriesCount()
            + " of "
            + response.getSelected()
            + ", in all "
            + response.getTotal()
            + " of at most "
            + response.getMax());
    return 0;
  }
}
