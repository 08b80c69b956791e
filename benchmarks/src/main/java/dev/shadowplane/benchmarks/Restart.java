package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.telemetry.CountersView;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Kills a supervised data plane (SIGKILL) and prints how many milliseconds pass until its successor
 * has forwarded a packet and a rule has matched one, as a JSON object.
 */
@Command(name = "restart", mixinStandardHelpOptions = true)
public final class Restart implements Callable<Integer> {
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

  @Option(names = "--directory", required = true, description = "The data plane's.")
  private Path directory = Path.of("");

  @Option(names = "--rule", required = true, description = "One that every packet matches.")
  private String rule = "";

  /**
   * Runs.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Restart()).execute(args));
  }

  @Override
  public Integer call() {
    final CountersView counters = CountersView.open(directory);
    final long epoch = counters.epoch();
    final long startNs = System.nanoTime();
    ProcessHandle.of(counters.pid()).orElseThrow().destroyForcibly();
    while (counters.epoch() == epoch
        || counters.value("rule." + rule + ".matched").orElse(0) == 0) {
      if (System.nanoTime() - startNs > PATIENCE_NS) {
        throw new IllegalStateException("the data plane of " + directory + " has not come back");
      }
      LockSupport.parkNanos(1_000_000);
      counters.refresh();
    }
    final double elapsedMs = (System.nanoTime() - startNs) / 1e6;
    System.out.println(Json.write(Map.of("restart_ms", Math.round(elapsedMs))));
    return 0;
  }
}
