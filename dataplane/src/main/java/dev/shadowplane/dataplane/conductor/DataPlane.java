package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.PortCounters;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.port.MbufPools;
import dev.shadowplane.dataplane.port.PciFunction;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortLocks;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.port.PortWarnings;
import dev.shadowplane.dataplane.replay.ReplayAgent;
import dev.shadowplane.dataplane.telemetry.AttachmentConfig;
import dev.shadowplane.dataplane.telemetry.AttachmentServer;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersFile;
import dev.shadowplane.dataplane.telemetry.TelemetryException;
import dev.shadowplane.dataplane.worker.ShadowPort;
import dev.shadowplane.dataplane.worker.WallClock;
import dev.shadowplane.dataplane.worker.WarmUp;
import dev.shadowplane.dataplane.worker.WorkerThread;
import dev.shadowplane.dpdk.Eal;
import dev.shadowplane.dpdk.PktmbufPool;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/**
 * A running data plane: made whole from its configuration or not at all, taken down in reverse. In
 * a process of its own, or embedded in a program that has started EAL itself and then keeps it.
 */
public final class DataPlane implements AutoCloseable {
  /** So that 10,000 rules fit into an eighth, as a command and as a reply. */
  private static final int COMMAND_RING_BYTES = 32 << 20;

  private static final AtomicInteger SERIAL = new AtomicInteger();
  private static final AtomicInteger WARM = new AtomicInteger();

  private final DataPlaneConfig config;
  private final Consumer<String> log;
  private final boolean threads;
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final List<WorkerHandle> workers = new ArrayList<>();
  private final List<WorkerThread> workerThreads = new ArrayList<>();
  private final List<Agent> invoked = new ArrayList<>();
  private final AgentReporter agentReporter = new AgentReporter();
  private final WallClock clock = new WallClock();
  private final CounterRegistry counters;
  private final CopyService copies;
  private final PortSet ports;
  private final @Nullable ReplayService replays;

  private DataPlane(DataPlaneConfig config, boolean threads, Consumer<String> log)
      throws IOException {
    this.config = config;
    this.threads = threads;
    this.log = log;
    try {
      PciFunction.check(config);
      keep(new PortLocks(config.ports()));
      final CountersFile file = keep(countersFile());
      counters = new CounterRegistry(file);
      final String key = FlowHashKey.of(config);
      if (!Eal.isStarted()) {
        Eal.start(HugepageMemory.options(config, log));
        keep(Eal::cleanup);
      }
      final Optional<WarmUp> warmUp = prepareThreads();
      final MbufPools pools =
          keep(
              new MbufPools(
                  "shadowplane" + SERIAL.incrementAndGet(),
                  config.mbufs(),
                  config.mbufDataBytes() + PktmbufPool.HEADROOM_BYTES,
                  log));
      copies = keep(new CopyService(config, SERIAL.incrementAndGet(), log));
      ports = keep(new PortSet(config, pools));
      PortWarnings.of(ports).forEach(log);
      final WorkerFactory factory = new WorkerFactory(config, ports, counters, clock);
      final JournalService journal = journal(factory);
      // Code must be warm before the first frame can wait for it.
      workerThreads.forEach(WorkerThread::awaitReady);
      warmUp.ifPresent(WarmUp::close);
      HousekeepingCores.confine();
      ports.start();
      final RoleManager roles = new RoleManager(config.stateDirectory(), ports, counters);
      final List<Port> targets =
          ports.all().stream().filter(port -> !ports.forwards(port)).toList();
      copies.start(ports, targets, counters);
      final FlowHash flowHash = FlowHash.ofHex(key);
      replays =
          config
              .replay()
              .map(replay ->
                  keep(
                      new ReplayService(
                          config, replay, ports, pools, copies, flowHash, counters, log)))
              .orElse(null);
      for (int i = 0; i < config.workers().size(); i++) {
        final List<ShadowPort> shadows = i == 0 ? roles.ports() : List.of();
        workers.add(factory.worker(i, targets, shadows, journal.ring(i), flowHash));
      }
      final RuleManager rules =
          keep(
              new RuleManager(
                  config,
                  ports,
                  targets,
                  new RuleStore(config.stateDirectory()),
                  counters,
                  workers,
                  journal,
                  copies));
      rules.resume();
      run(journal, conductor(rules, roles, file));
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Starts a data plane on threads of its own: workers pinned to their cores, everything else where
   * the process may run.
   *
   * @param config validated
   * @param log takes one line at a time, off the packet path
   * @return it, forwarding
   * @throws ConfigException when persisted rules do not fit the configuration
   * @throws IOException when a directory cannot be used
   * @throws dev.shadowplane.dpdk.DpdkException when DPDK refuses; nothing is left behind, as in all
   *     these cases
   */
  public static DataPlane launch(DataPlaneConfig config, Consumer<String> log) throws IOException {
    return new DataPlane(config, true, log);
  }

  /**
   * Makes a data plane without threads: whoever embeds it calls {@link #doWork()}.
   *
   * @param config validated
   * @param log takes one line at a time
   * @return it
   * @throws IOException when a directory cannot be used
   */
  public static DataPlane embed(DataPlaneConfig config, Consumer<String> log) throws IOException {
    return new DataPlane(config, false, log);
  }

  /**
   * One duty cycle of every agent, on the calling thread; for {@link #embed} only.
   *
   * @return how much was done
   * @throws Exception what an agent throws
   */
  public int doWork() throws Exception {
    int work = 0;
    for (Agent agent : invoked) {
      try {
        work += agent.doWork();
      } catch (InternalError e) {
        workers.forEach(worker -> worker.worker().recover());
      }
    }
    return work;
  }

  /** Makes both directories, whose names somebody may have got wrong, and what lies in the one. */
  private CountersFile countersFile() {
    try {
      Files.createDirectories(config.stateDirectory());
    } catch (IOException e) {
      throw new ConfigException(
          "state: "
              + config.stateDirectory()
              + " cannot be made ("
              + e
              + "): give a directory that user "
              + System.getProperty("user.name")
              + " may write");
    }
    try {
      return CountersFile.create(config.directory(), config.stateDirectory(), config.counters());
    } catch (TelemetryException e) {
      throw new ConfigException("directory: " + e.getMessage());
    }
  }

  private JournalService journal(WorkerFactory factory) throws IOException {
    if (config.journal().isEmpty()) {
      return new JournalService(counters, log);
    }
    try {
      return new JournalService(
          config, config.journal().get(), ports.all(), portCounters(factory), counters, log);
    } catch (JournalException e) {
      throw new ConfigException("journal: " + e.getMessage());
    }
  }

  /**
   * What the journal says of ports in its statistics: read from the counters that workers write.
   */
  private PortCounters portCounters(WorkerFactory factory) {
    final List<List<AtomicCounter>> received = new ArrayList<>();
    final List<List<AtomicCounter>> shed = new ArrayList<>();
    for (Port port : ports.all()) {
      received.add(factory.portCounters(port, "rx-packets"));
      shed.add(factory.portCounters(port, "journal-shed"));
    }
    return new PortCounters() {
      @Override
      public long receivedFrames(int portIndex) {
        return received.get(portIndex).stream().mapToLong(AtomicCounter::get).sum();
      }

      @Override
      public long shedFrames(int portIndex) {
        return shed.get(portIndex).stream().mapToLong(AtomicCounter::get).sum();
      }
    };
  }

  /**
   * Starts the threads of workers, which warm up while ports are being opened.
   *
   * @return what the first of them warms up with, to be closed when all are ready
   */
  private Optional<WarmUp> prepareThreads() {
    // Code is compiled once for all workers of a process.
    final Optional<WarmUp> warmUp =
        threads && WARM.getAndSet(1) == 0
            ? Optional.of(keep(new WarmUp(SERIAL.incrementAndGet())))
            : Optional.empty();
    for (int i = 0; threads && i < config.workers().size(); i++) {
      final int index = i;
      final Runnable preparation = index == 0 && warmUp.isPresent() ? warmUp.get()::run : () -> {};
      workerThreads.add(
          keep(
              new WorkerThread(
                  config.workers().get(i).core(),
                  runnable -> Thread.ofPlatform().name("worker-" + index).unstarted(runnable),
                  preparation)));
    }
    return warmUp;
  }

  private Conductor conductor(RuleManager rules, RoleManager roles, CountersFile file) {
    final @Nullable ReplayAgent replayAgent = replays == null ? null : replays.agent();
    final PortReporter portReporter =
        new PortReporter(
            ports,
            counters,
            new PortRevival(workers, replayAgent, log),
            new PortReattachment(ports, workers, replayAgent, log),
            log);
    for (int i = 0; i < workerThreads.size(); i++) {
      agentReporter.add(workerThreads.get(i).thread(), AgentReporter.workerCounter(counters, i));
    }
    final Conductor conductor =
        new Conductor(
            workers,
            config.records().orElse(null),
            clock,
            portReporter,
            agentReporter,
            rules,
            copies,
            replays);
    final Commands commands =
        new Commands(
            rules,
            roles,
            portReporter::describe,
            () -> StatusReport.of(config, rules, roles),
            replays);
    conductor.attachments(
        new AttachmentServer(
            file,
            new AttachmentConfig(
                config.workers().size(),
                COMMAND_RING_BYTES,
                COMMAND_RING_BYTES,
                config.recordRingBytes(),
                TimeUnit.SECONDS.toNanos(5)),
            commands,
            conductor),
        commands);
    return conductor;
  }

  private void run(JournalService journal, Conductor conductor) {
    final @Nullable Agent journalAgent =
        journal.agent() == null
            ? null
            : new StallTracker(
                journal.agent(),
                counters.counter(CounterTypes.JOURNAL, CounterTypes.journal("longest-gap-ns")));
    final Agent tracked =
        new StallTracker(
            conductor,
            counters.counter(CounterTypes.CONDUCTOR, CounterTypes.conductor("longest-gap-ns")));
    if (!threads) {
      workers.forEach(worker -> invoked.add(worker.worker()));
      if (journalAgent != null) {
        invoked.add(journalAgent);
        keep(journalAgent::onClose);
        invoked.add(Objects.requireNonNull(journal.helper()));
      }
      if (replays != null) {
        invoked.add(replays.agent());
        keep(replays.agent()::onClose);
      }
      invoked.add(tracked);
      keep(tracked::onClose);
      return;
    }
    final AgentThreads agents = new AgentThreads(counters, log);
    if (journalAgent != null) {
      agentReporter.add(
          keep(agents.start(journalAgent)).thread(), AgentReporter.journalCounter(counters));
      keep(agents.start(Objects.requireNonNull(journal.helper())));
    }
    for (int i = 0; i < workers.size(); i++) {
      workerThreads.get(i).poll(workers.get(i).worker());
    }
    if (replays != null && config.replay().isPresent()) {
      agentReporter.add(
          keep(agents.start(replays.agent(), config.replay().get().core())).thread(),
          AgentReporter.replayCounter(counters));
      replays.warmUp(SERIAL.incrementAndGet());
    }
    keep(agents.start(tracked));
  }

  private <T extends AutoCloseable> T keep(T resource) {
    resources.push(resource);
    return resource;
  }

  /**
   * Stops in order: ingress first, then what drains, then devices, so that every mbuf is back. What
   * cannot be closed is logged and the rest is closed all the same.
   */
  @Override
  public void close() {
    // Workers stop before the journal, whose rings they fill, is drained.
    workerThreads.forEach(WorkerThread::close);
    while (!resources.isEmpty()) {
      final AutoCloseable resource = resources.pop();
      try {
        resource.close();
      } catch (Exception e) {
        log.accept("while stopping: " + e.getMessage());
      }
    }
  }
}
