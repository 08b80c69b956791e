package dev.shadowplane.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.AnalyticsCounters;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.NativeMemory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Has the analytics agent take records as fast as one thread goes, sweeps and the changes that it
 * tells of included, from a ring that is filled again and again outside of the measured time. Each
 * flow has had a record before. Prints what it measured as a JSON object; fails when the flows do
 * not add up to the records.
 */
@Command(name = "record-rate", mixinStandardHelpOptions = true)
public final class RecordRate implements Callable<Integer> {
  private static final int RING_BYTES = 4 << 20;
  private static final int KIBIBYTE = 1 << 10;

  @Option(names = "--flows", defaultValue = "1000000", description = "How many.")
  private int flows;

  @Option(names = "--full", description = "Full records, for every statistic.")
  private boolean full;

  @Option(names = "--records", defaultValue = "60000000", description = "How many are measured.")
  private long records;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private long elapsedNs;
  private long allocated;
  private long longestCycleNs;
  private long outsideNs = System.nanoTime() - System.currentTimeMillis() * 1_000_000;
  private long told;
  private long ended;

  /**
   * Runs.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new RecordRate()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    final UnsafeBuffer memory =
        new UnsafeBuffer(
            NativeMemory.allocate(RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH, KIBIBYTE),
            RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH);
    final OneToOneRingBuffer ring = new OneToOneRingBuffer(memory);
    final RecordTraffic traffic = new RecordTraffic(flows, full, new RecordRing(memory));
    final long never = TimeUnit.DAYS.toNanos(1);
    final AnalyticsAgent agent =
        new AnalyticsAgent(
            new FlowTableConfig(Math.max(flows, FlowTableConfig.MIN_CAPACITY), never, never),
            (flow, reason) -> ended += flow.packets(0) + flow.packets(1),
            (flow, packets, bytes, answerPackets, answerBytes, state) ->
                told += packets + answerPackets,
            AnalyticsCounters.NONE,
            this::nowNs);
    agent.rings(new OneToOneRingBuffer[] {ring});
    final long before = residentBytes();
    long taken = 0;
    while (!traffic.isOpened()) {
      taken += turn(traffic, agent, ring);
    }
    final long opened = taken;
    final long residentAFlow = (residentBytes() - before) / flows;
    while (taken < opened + records / 4) {
      taken += turn(traffic, agent, ring);
    }
    final long warm = taken;
    elapsedNs = 0;
    allocated = 0;
    longestCycleNs = 0;
    while (taken < warm + records) {
      taken += turn(traffic, agent, ring);
    }
    final Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("mrecords", (taken - warm) * 1e3 / elapsedNs);
    figures.put("allocated_bytes_per_record", (double) allocated / (taken - warm));
    figures.put("resident_bytes_per_flow", residentAFlow);
    figures.put("longest_cycle_ns", longestCycleNs);
    System.out.println(Json.write(figures));
    agent.onClose();
    if (ended != taken || told != taken) {
      throw new IllegalStateException(
          taken + " records have become flows of " + ended + " and changes of " + told);
    }
    return 0;
  }

  private long turn(RecordTraffic traffic, AnalyticsAgent agent, OneToOneRingBuffer ring) {
    final long pausedNs = System.nanoTime();
    final long filled = traffic.fill(nowNs());
    outsideNs += System.nanoTime() - pausedNs;
    allocated -= threads.getCurrentThreadAllocatedBytes();
    final long startNs = System.nanoTime();
    while (ring.size() > 0) {
      final long beforeNs = System.nanoTime();
      agent.doWork();
      longestCycleNs = Math.max(longestCycleNs, System.nanoTime() - beforeNs);
    }
    elapsedNs += System.nanoTime() - startNs;
    allocated += threads.getCurrentThreadAllocatedBytes();
    return filled;
  }

  /** A clock that stands still while the ring is filled. */
  private long nowNs() {
    return System.nanoTime() - outsideNs;
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("RssAnon:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE;
      }
    }
    throw new IOException("/proc/self/status does not say how much memory is resident");
  }
}
