package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.ForwardPair;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.mirror.MirrorTarget;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.worker.ForwardPath;
import dev.shadowplane.dataplane.worker.JournalTap;
import dev.shadowplane.dataplane.worker.ShadowPort;
import dev.shadowplane.dataplane.worker.WallClock;
import dev.shadowplane.dataplane.worker.Worker;
import dev.shadowplane.dataplane.worker.WorkerCounters;
import dev.shadowplane.dataplane.worker.WorkerPlan;
import dev.shadowplane.dataplane.worker.WorkerPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.concurrent.status.AtomicCounter;
import org.jspecify.annotations.Nullable;

/** Makes workers from queues and counters, before any of them runs. */
final class WorkerFactory {
  private final DataPlaneConfig config;
  private final PortSet ports;
  private final CounterRegistry counters;
  private final WallClock clock;

  WorkerFactory(DataPlaneConfig config, PortSet ports, CounterRegistry counters, WallClock clock) {
    this.config = config;
    this.ports = ports;
    this.counters = counters;
    this.clock = clock;
  }

  /** What every worker that uses the port counts of it. */
  List<AtomicCounter> portCounters(Port port, String what) {
    return IntStream.range(0, config.workers().size())
        .filter(worker -> !ports.forwards(port) || ports.queue(port, worker) >= 0)
        .mapToObj(worker -> portCounter(port, what, worker))
        .distinct()
        .toList();
  }

  private AtomicCounter portCounter(Port port, String what, int worker) {
    final String label = CounterTypes.port(port.config().name(), what);
    return counters.counter(
        CounterTypes.PORT, ports.isShared(port) ? CounterTypes.perWorker(label, worker) : label);
  }

  /**
   * A worker.
   *
   * @param index its place in the configuration
   * @param targets ports that rules may mirror to
   * @param shadows what it takes from shadow networks: their queues have no other owner
   * @param ring the way to the journal, if there is one
   */
  WorkerHandle worker(
      int index,
      List<Port> targets,
      List<ShadowPort> shadows,
      @Nullable JournalRing ring,
      FlowHash flowHash) {
    final List<ForwardPath> paths = new ArrayList<>();
    for (ForwardPair pair : config.workers().get(index).pairs()) {
      paths.add(path(index, pair.a(), pair.b()));
      paths.add(path(index, pair.b(), pair.a()));
    }
    final WorkerPlan plan = WorkerPlan.forwarding(WorkerHandle.histogram());
    final Worker worker =
        new Worker(
            "worker-" + index,
            new WorkerPorts(
                paths,
                targets.stream()
                    .map(port ->
                        new MirrorTarget(
                            port.eth().txQueue(ports.queue(port, index)),
                            port.maxSentBytes(),
                            Worker.BURST))
                    .toList(),
                shadows),
            ring == null ? null : new JournalTap(ring, Worker.BURST),
            new FrameParser(flowHash),
            clock,
            workerCounters(index),
            plan);
    return new WorkerHandle(index, worker, plan, counters);
  }

  private ForwardPath path(int worker, String from, String to) {
    final Port ingress = ports.byName(from);
    final Port egress = ports.byName(to);
    final int limit = egress.maxSentBytes();
    return new ForwardPath(
        ingress.index(),
        ingress.eth().rxQueue(ports.queue(ingress, worker)),
        egress.eth().txQueue(ports.queue(egress, worker)),
        ingress.maxReceivedBytes() <= limit ? Integer.MAX_VALUE : limit,
        new ForwardPath.PathCounters(
            portCounter(ingress, "rx-packets", worker),
            portCounter(egress, "tx-packets", worker),
            portCounter(egress, "shed.tx-full", worker),
            portCounter(egress, "shed.frame-too-long", worker),
            portCounter(ingress, "malformed", worker),
            portCounter(ingress, "malformed-inner", worker),
            portCounter(ingress, "journal-shed", worker),
            portCounter(ingress, "unshareable", worker)));
  }

  private WorkerCounters workerCounters(int index) {
    return new WorkerCounters(
        counters.counter(CounterTypes.WORKER, CounterTypes.worker(index, "longest-gap-ns")),
        counters.counter(CounterTypes.WORKER, CounterTypes.worker(index, "gaps-over-1ms")),
        counters.counter(CounterTypes.RECORDS, CounterTypes.records(index, "taken")),
        counters.counter(CounterTypes.RECORDS, CounterTypes.records(index, "full")),
        counters.counter(CounterTypes.RECORDS, CounterTypes.records(index, "full-flows-ppm")),
        counters.counter(CounterTypes.RECORDS, CounterTypes.records(index, "shed")));
  }
}
