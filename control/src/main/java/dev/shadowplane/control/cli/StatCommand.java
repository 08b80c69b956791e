package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.telemetry.CounterVisitor;
import dev.shadowplane.dataplane.telemetry.CountersView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads the mapped counters, as a process of its own. */
@Command(
    name = "stat",
    description = {
      "Shows every counter that the data plane publishes in its mapped files, control or not.",
      "The counters of a data plane that has ended can still be read."
    })
final class StatCommand implements Callable<Integer> {
  private static final List<String> COLUMNS = List.of("id", "type", "value", "label");

  @Option(
      names = "--directory",
      required = true,
      paramLabel = "DIR",
      description = "The mapped files: 'directory' in the configuration of the data plane.")
  private Path directory;

  @Option(
      names = "--watch",
      description = "Show them again and again until interrupted; JSON is one object a line.")
  private boolean watch;

  @Option(
      names = "--interval-ms",
      defaultValue = "1000",
      paramLabel = "MS",
      description = "Between two views with --watch, 100 to 60,000; default ${DEFAULT-VALUE}.")
  private int intervalMs;

  @Option(
      names = "--per-worker",
      description =
          "Show what each worker counts of a port or rule that several share, as LABEL@N.")
  private boolean perWorker;

  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws Exception {
    if (intervalMs < 100 || intervalMs > 60_000) {
      throw CommandFailure.input("--interval-ms is " + intervalMs + ": write 100 to 60000");
    }
    if (!Files.isDirectory(directory)) {
      throw CommandFailure.input(
          directory + " is no folder: name 'directory' of the data plane's configuration");
    }
    final CountersView view = CountersView.open(directory);
    if (!watch) {
      output.print(table(view));
      return 0;
    }
    while (!Thread.currentThread().isInterrupted()) {
      output.printNext(table(view));
      Thread.sleep(intervalMs);
      view.refresh();
    }
    return 0;
  }

  private Table table(final CountersView view) {
    final Table table =
        new Table("counters", COLUMNS)
            .with("epoch", view.epoch())
            .with("pid", view.pid())
            .with("alive", view.isAlive());
    final CounterVisitor row =
        (id, type, label, value) -> {
          final Map<String, Object> cells = new LinkedHashMap<>();
          cells.put("id", id);
          cells.put("type", type);
          cells.put("label", label);
          cells.put("value", value);
          table.add(cells);
        };
    if (perWorker) {
      view.forEach(row);
    } else {
      view.forEachTotal(row);
    }
    return table;
  }
}
