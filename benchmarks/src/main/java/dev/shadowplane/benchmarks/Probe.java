package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.telemetry.CountersView;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Reads all counters of a running data plane twice and prints one JSON object: {@code elapsed_ns}
 * between the readings, and the counters {@code before} and {@code after} by label.
 */
@Command(name = "probe")
public final class Probe implements Callable<Integer> {
  @Option(names = "--directory", required = true)
  private Path directory;

  @Option(names = "--skip-seconds", required = true)
  private int skipSeconds;

  @Option(names = "--seconds", required = true)
  private int seconds;

  /**
   * Runs it.
   *
   * @param arguments as the fields above say
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Probe()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    final CountersView counters = CountersView.open(directory);
    read(counters);
    TimeUnit.SECONDS.sleep(skipSeconds);
    final long startNs = System.nanoTime();
    final Map<String, Object> before = read(counters);
    TimeUnit.SECONDS.sleep(seconds);
    final long endNs = System.nanoTime();
    final Map<String, Object> after = read(counters);
    if (!counters.isAlive()) {
      throw new IllegalStateException("the data plane of " + directory + " has ended");
    }
    System.out.println(
        Json.write(Map.of("elapsed_ns", endNs - startNs, "before", before, "after", after)));
    return 0;
  }

  private static Map<String, Object> read(CountersView counters) {
    final Map<String, Object> values = new LinkedHashMap<>();
    counters.forEachTotal((id, type, label, value) -> values.put(label, value));
    return values;
  }
}
