package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ListSourcesRequest;
import dev.shadowplane.control.v1.MonitoringSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists what is measured. */
@Command(
    name = "sources",
    description = "Lists what is measured, how often it was not when it was due, and why.")
final class SeriesSourcesCommand implements Callable<Integer> {
  private static final List<String> COLUMNS = List.of("name", "last_second", "missed", "problem");

  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ControlOption control = new ControlOption();

  @Override
  public Integer call() throws Exception {
    final Table table = new Table("sources", COLUMNS);
    try (ControlConnection connection = control.connect()) {
      for (final MonitoringSource source :
          connection
              .callMonitoring(stub -> stub.listSources(ListSourcesRequest.getDefaultInstance()))
              .getSourcesList()) {
        table.add(Messages.object(source));
      }
    }
    output.print(table);
    return 0;
  }
}
