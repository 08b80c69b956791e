package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.RecordsConfig;
import dev.shadowplane.dataplane.telemetry.AttachmentServer;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import dev.shadowplane.dataplane.worker.RecordFeed;
import dev.shadowplane.dataplane.worker.WallClock;
import java.util.List;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/**
 * The agent beside the workers: takes commands, hands rings to workers and takes them back, and
 * once a second publishes what is measured. It may allocate and write files; the packet path never
 * waits for it.
 */
final class Conductor implements Agent, RecordRings<RecordRing> {
  private static final long SECOND_NS = 1_000_000_000;

  private final List<WorkerHandle> workers;
  private final @Nullable RecordsConfig records;
  private final WallClock clock;
  private final PortReporter ports;
  private final AgentReporter agents;
  private final RuleManager rules;
  private final CopyService copies;
  private final @Nullable ReplayService replays;
  private AttachmentServer attachments;
  private Commands commands;
  private long nextSecondNs = System.nanoTime();

  @SuppressWarnings("NullAway.Init")
  Conductor(
      List<WorkerHandle> workers,
      @Nullable RecordsConfig records,
      WallClock clock,
      PortReporter ports,
      AgentReporter agents,
      RuleManager rules,
      CopyService copies,
      @Nullable ReplayService replays) {
    this.replays = replays;
    this.workers = workers;
    this.records = records;
    this.clock = clock;
    this.ports = ports;
    this.agents = agents;
    this.rules = rules;
    this.copies = copies;
  }

  /** Where control attaches, and what it asks; set once, before the first duty cycle. */
  void attachments(AttachmentServer server, Commands asked) {
    attachments = server;
    commands = asked;
  }

  @Override
  public String roleName() {
    return "conductor";
  }

  @Override
  public int doWork() {
    final long nowNs = System.nanoTime();
    int work =
        attachments.poll(nowNs)
            + commands.poll()
            + rules.freeOld()
            + copies.poll(nowNs)
            + ports.poll();
    if (nowNs - nextSecondNs >= 0) {
      nextSecondNs = nowNs + SECOND_NS;
      clock.calibrate();
      ports.report();
      agents.report();
      workers.forEach(WorkerHandle::collectLatencies);
      if (replays != null) {
        replays.report();
      }
      work++;
    }
    return work;
  }

  @Override
  public void attached(long controlEpoch, List<RecordRing> ringsByWorker) {
    for (int i = 0; i < workers.size(); i++) {
      workers
          .get(i)
          .records(records == null ? null : new RecordFeed(ringsByWorker.get(i), records));
    }
  }

  @Override
  public void detach() {
    workers.forEach(worker -> worker.records(null));
  }

  @Override
  public boolean released() {
    return workers.stream().allMatch(WorkerHandle::hasLeftOldPlans);
  }

  @Override
  public void onClose() {
    commands.close();
    attachments.close();
  }
}
