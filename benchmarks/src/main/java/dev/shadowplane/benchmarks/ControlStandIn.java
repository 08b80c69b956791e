package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.AnalyticsCounters;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.telemetry.AttachmentClient;
import dev.shadowplane.dataplane.telemetry.AttachmentListener;
import dev.shadowplane.dataplane.telemetry.CommandType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.CompositeAgent;
import org.agrona.concurrent.SystemEpochNanoClock;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What control is to a data plane, and nothing else: attaches, keeps flows from its packet records
 * on one thread, and on request is busy besides: asks for status without pause, allocates and makes
 * the collector run without pause. Says {@code ready} and runs until SIGTERM.
 */
@Command(name = "control-stand-in")
public final class ControlStandIn implements Callable<Integer> {
  private static final int HELD_BLOCKS = 1_024;
  private static final int BLOCK_BYTES = 64 << 10;

  @Option(names = "--directory", required = true)
  private Path directory;

  @Option(names = "--busy")
  private boolean busy;

  /**
   * Runs it.
   *
   * @param arguments as the fields above say
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ControlStandIn()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    final AnalyticsAgent analytics =
        new AnalyticsAgent(
            FlowTableConfig.DEFAULT,
            (flow, reason) -> {},
            AnalyticsCounters.NONE,
            new SystemEpochNanoClock());
    final AttachmentClient client =
        new AttachmentClient(
            directory, Duration.ofSeconds(5), new Silent(), analytics.recordRings());
    if (busy) {
      daemon(() -> ask(client));
      daemon(ControlStandIn::allocate);
    }
    final AgentRunner runner =
        new AgentRunner(
            new BackoffIdleStrategy(10, 20, 1_000, 100_000),
            error -> System.err.println("control stand-in: " + error),
            null,
            new CompositeAgent(client, analytics));
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(runner::close));
    final Thread thread = AgentRunner.startOnThread(runner);
    // The load is the same with a data plane to attach to and without.
    while (!busy && !client.isAttached()) {
      LockSupport.parkNanos(1_000_000);
    }
    System.out.println("ready");
    thread.join();
    return 0;
  }

  private static void daemon(Runnable body) {
    Thread.ofPlatform().daemon().start(body);
  }

  private static void ask(AttachmentClient client) {
    for (; ; ) {
      try {
        client.submit(CommandType.STATUS, "").get();
        client.submit(CommandType.PORTS, "").get();
      } catch (ExecutionException e) {
        LockSupport.parkNanos(1_000_000);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void allocate() {
    final byte[][] held = new byte[HELD_BLOCKS][];
    for (; ; ) {
      held[ThreadLocalRandom.current().nextInt(HELD_BLOCKS)] = new byte[BLOCK_BYTES];
    }
  }

  /** Events are nobody's concern here. */
  private static final class Silent implements AttachmentListener {
    @Override
    public void attached(long dataplaneEpoch, long controlEpoch) {}

    @Override
    public void detached(String reason) {}

    @Override
    public void event(int type, String text) {}
  }
}
