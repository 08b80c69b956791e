package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.conductor.DataPlane;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dpdk.DpdkThread;
import dev.shadowplane.dpdk.Eal;
import dev.shadowplane.dpdk.EalOptions;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.PktmbufPool;
import dev.shadowplane.dpdk.RingPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Launches a data plane between two pairs of ports that are rings in memory, offers paced traffic
 * from the first moment on, and prints what became of it as one JSON object. The traffic's own code
 * is warm before; the data plane's start is its own.
 */
@Command(name = "ring-harness")
public final class RingHarness implements Callable<Integer> {
  private static final int DESCRIPTORS = 1_024;
  // All that can be under way: a program that is held up must not look like a data plane that
  // loses.
  private static final int TAKEN_DESCRIPTORS = 4 * DESCRIPTORS;
  private static final int POOL_SIZE = 16_383;
  private static final int WARM_UP_PACKETS = 500_000;
  private static final long PACKETS_PER_SECOND = 1_000_000;
  // The conductor publishes latencies every second, those of the second before.
  private static final int PUBLISHED_AFTER_SECONDS = 3;

  @Option(names = "--directory", required = true)
  private Path directory;

  @Option(names = "--core", required = true)
  private int core;

  @Option(names = "--packets", required = true)
  private long packets;

  @Option(names = "--mirror")
  private boolean mirror;

  @Option(names = "--latencies")
  private boolean latencies;

  /**
   * Runs it.
   *
   * @param arguments as the fields above say
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new RingHarness()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Eal.start(new EalOptions(true, 0, List.of()));
    final Map<String, Object> outcome;
    try (PktmbufPool pool =
            new PktmbufPool("traffic", POOL_SIZE, 2_048 + PktmbufPool.HEADROOM_BYTES, -1);
        RingPorts ingress = new RingPorts("offer", "in", DESCRIPTORS);
        RingPorts egress = new RingPorts("take", "out", TAKEN_DESCRIPTORS);
        RingPorts loop = new RingPorts("warm", "loop", DESCRIPTORS);
        EthPort offer = open(ingress.a(), pool);
        EthPort take = open(egress.a(), pool);
        EthPort warm = open(loop.a(), pool);
        EthPort back = open(loop.b(), pool)) {
      outcome = run(pool, new EthPort[] {offer, take}, new EthPort[] {warm, back}, ingress, egress);
    }
    Eal.cleanup();
    System.out.println(Json.write(outcome));
    return 0;
  }

  private Map<String, Object> run(
      PktmbufPool pool, EthPort[] ends, EthPort[] loop, RingPorts ingress, RingPorts egress)
      throws IOException, InterruptedException {
    final CountDownLatch warm = new CountDownLatch(1);
    final CountDownLatch launched = new CountDownLatch(1);
    final Map<String, Object> outcome = new LinkedHashMap<>();
    final Thread traffic =
        Thread.ofPlatform()
            .start(() -> {
              DpdkThread.register();
              try (MbufAllocator allocator = new MbufAllocator(pool, 32)) {
                final PacedTraffic paced = new PacedTraffic(allocator, PACKETS_PER_SECOND);
                paced.run(loop[0].txQueue(0), loop[1].rxQueue(0), WARM_UP_PACKETS);
                warm.countDown();
                await(launched);
                paced.run(ends[0].txQueue(0), ends[1].rxQueue(0), packets);
                outcome.put("offered_packets", paced.offered());
                outcome.put("lost_packets", paced.offered() - paced.received());
                outcome.put("refused_packets", paced.refused());
                outcome.put("offered_mpps", paced.offered() * 1e3 / paced.elapsedNs());
              } finally {
                warm.countDown();
                DpdkThread.unregister();
              }
            });
    warm.await();
    try (DataPlane _ =
        DataPlane.launch(
            config(ingress.b(), egress.b()), line -> System.err.println("data plane: " + line))) {
      launched.countDown();
      traffic.join();
      if (outcome.isEmpty()) {
        throw new IllegalStateException("the traffic has ended early: see above");
      }
      final CountersView counters = CountersView.open(directory);
      outcome.put("gaps_over_1ms", counters.value("worker.0.gaps-over-1ms").orElseThrow());
      if (latencies) {
        outcome.putAll(latencies(counters));
      }
    } finally {
      launched.countDown();
    }
    return outcome;
  }

  private DataPlaneConfig config(String in, String out) {
    final String text =
        """
        directory: %1$s
        state: %1$s/state
        mbufs: 32767
        records: false
        ports:
          - { name: in, device: "%2$s" }
          - { name: out, device: "%3$s" }
          - { name: shadow, device: "net_null,no-rx=1" }
        workers: [{ core: %4$d, forward: [[in, out]] }]
        rules: [%5$s]
        """
            .formatted(
                directory,
                in,
                out,
                core,
                mirror ? "{ name: all, targets: [\"port:shadow\"] }" : "");
    return DataPlaneConfigReader.read(YamlReader.of("ring-harness", text));
  }

  private Map<String, Object> latencies(CountersView counters) throws InterruptedException {
    TimeUnit.SECONDS.sleep(PUBLISHED_AFTER_SECONDS);
    final Map<String, Object> values = new LinkedHashMap<>();
    for (String what : List.of("p50", "p99", "p99.9", "max")) {
      values.put(
          what.replace('.', '_') + "_ns",
          counters.value("worker.0.latency-" + what + "-ns").orElseThrow());
    }
    return values;
  }

  private static EthPort open(String device, PktmbufPool pool) {
    final EthPort port = EthPort.open(device, device);
    port.configure(new EthPortConfig(1, 1, DESCRIPTORS, DESCRIPTORS, 0), pool);
    port.start();
    return port;
  }

  private static void await(CountDownLatch latch) {
    // Spins: the first frame is to be offered at once.
    while (latch.getCount() > 0) {
      Thread.onSpinWait();
    }
  }
}
