package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.EalConfig;
import dev.shadowplane.dataplane.config.PortConfig;
import dev.shadowplane.dataplane.config.ReplayConfig;
import dev.shadowplane.dataplane.config.RewriteConfig;
import dev.shadowplane.dataplane.encap.CopyShape;
import dev.shadowplane.dataplane.encap.FrameShaper;
import dev.shadowplane.dataplane.encap.Rewrites;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.port.MbufPools;
import dev.shadowplane.dataplane.port.PciFunction;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortLocks;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.replay.FrameSource;
import dev.shadowplane.dataplane.replay.Replay;
import dev.shadowplane.dataplane.replay.ReplayAgent;
import dev.shadowplane.dataplane.replay.ReplayCounters;
import dev.shadowplane.dataplane.replay.ReplayPort;
import dev.shadowplane.dataplane.replay.ReplayRequest;
import dev.shadowplane.dpdk.Eal;
import dev.shadowplane.dpdk.PktmbufPool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/** One replay to one device in a process of its own, without a data plane. One thread. */
public final class StandaloneReplay implements AutoCloseable {
  /** What its one port is called. */
  public static final String PORT = "replay";

  private static final int MBUFS = 8_191;
  private static final int RING_BYTES = 64 << 20;
  private static final int DESCRIPTORS = 4_096;

  private final Consumer<String> log;
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final Replay replay;

  /**
   * What it runs on.
   *
   * @param device a PCI address, or a virtual device with its arguments
   * @param core the core that the agent is pinned to, or a negative number
   * @param memoryMegabytes how much memory to take when there are no hugepages
   * @param rewrite what is replaced in frames, or null
   */
  public record Options(
      String device, int core, int memoryMegabytes, @Nullable RewriteConfig rewrite) {}

  /** Opens the frames once the device is there, so that both are wrong at most one at a time. */
  @FunctionalInterface
  public interface Source {
    /**
     * Opens them.
     *
     * @return the frames
     * @throws IOException when they cannot be read
     */
    FrameSource open() throws IOException;
  }

  /**
   * Opens a device and begins to replay.
   *
   * @param options what it runs on
   * @param request what is replayed; its target is not looked at
   * @param source of the frames
   * @param log takes one line at a time
   * @throws IOException when the source cannot be read
   * @throws dev.shadowplane.dataplane.port.PortException when the device cannot be used
   * @throws dev.shadowplane.dpdk.DpdkException when DPDK refuses; nothing is left behind, as in all
   *     these cases
   */
  public StandaloneReplay(
      Options options, ReplayRequest request, Source source, Consumer<String> log)
      throws IOException {
    this.log = log;
    try {
      final FrameSource frames = source.open();
      final Replay started;
      try {
        started = prepare(options, request, frames);
      } catch (RuntimeException | Error e) {
        frames.close();
        throw e;
      }
      replay = started;
      replay.start();
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private Replay prepare(Options options, ReplayRequest request, FrameSource frames) {
    final PortConfig port = new PortConfig(PORT, device(options.device()), 0, 512, DESCRIPTORS);
    final DataPlaneConfig config = config(options, port);
    PciFunction.check(config);
    keep(new PortLocks(config.ports()));
    if (!Eal.isStarted()) {
      Eal.start(HugepageMemory.options(config, log));
      keep(Eal::cleanup);
    }
    final MbufPools pools =
        keep(new MbufPools(PORT, MBUFS, config.mbufDataBytes() + PktmbufPool.HEADROOM_BYTES, log));
    final PortSet ports = keep(new PortSet(config, pools));
    ports.start();
    final Port target = ports.byName(PORT);
    final PktmbufPool pool = pools.of(target.eth().info().socket());
    final ReplayAgent agent = new ReplayAgent();
    final int most =
        target.sendsSegments()
            ? target.maxSentBytes()
            : Math.min(target.maxSentBytes(), config.mbufDataBytes());
    final @Nullable RewriteConfig rewrite = options.rewrite();
    final CopyShape shape =
        rewrite == null
            ? new CopyShape(CopyChange.NONE, new Rewrites(List.of()))
            : new CopyShape(
                new CopyChange(null, null, null, rewrite.name()), new Rewrites(List.of(rewrite)));
    final Replay prepared =
        keep(
            new Replay(
                request,
                new Replay.Parts(
                    agent,
                    new ReplayPort(
                        options.device(),
                        target.eth().txQueue(ports.replayQueue()),
                        pool,
                        most,
                        target::isLinkUp),
                    frames,
                    new FrameShaper(shape, most),
                    new FlowHash(new byte[FlowHash.KEY_BYTES]),
                    RING_BYTES,
                    SystemNanoClock.INSTANCE),
                ReplayCounters.inMemory()));
    final AgentRunner runner =
        new AgentRunner(agent.idleStrategy(), error -> log.accept("replay: " + error), null, agent);
    AgentRunner.startOnThread(runner, ReplayAgent.threads(options.core()));
    keep(runner);
    try (ReplayWarmUp warmUp = new ReplayWarmUp("warmup", pool, agent)) {
      while (!warmUp.isOver()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
    }
    return prepared;
  }

  /** Frames of a kernel interface go past its queueing discipline, which only delays them. */
  private static String device(String device) {
    return device.startsWith("net_af_packet,") && !device.contains("qdisc_bypass=")
        ? device + ",qdisc_bypass=1"
        : device;
  }

  private static DataPlaneConfig config(Options options, PortConfig port) {
    return new DataPlaneConfig(
            Path.of("."),
            Path.of("."),
            new EalConfig(EalConfig.Hugepages.AUTO, options.memoryMegabytes()),
            MBUFS,
            Port.bufferBytes(port),
            List.of(port),
            List.of(),
            Optional.empty(),
            0,
            Optional.empty(),
            List.of(),
            Optional.empty(),
            0)
        .with(
            List.of(), Optional.of(new ReplayConfig(options.core(), Path.of("."), List.of(PORT))));
  }

  /**
   * The replay.
   *
   * @return running, until it is over
   */
  public Replay replay() {
    return replay;
  }

  private <T extends AutoCloseable> T keep(T resource) {
    resources.push(resource);
    return resource;
  }

  /** Ends it and gives back what it used. */
  @Override
  public void close() {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        log.accept("while stopping: " + e.getMessage());
      }
    }
  }
}
