package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.CollectorConfig;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.ForwardPair;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.encap.CollectorLink;
import dev.shadowplane.dataplane.encap.Copies;
import dev.shadowplane.dataplane.encap.CopyShape;
import dev.shadowplane.dataplane.encap.CopyTarget;
import dev.shadowplane.dataplane.encap.Rewrites;
import dev.shadowplane.dataplane.port.MbufPools;
import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortException;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.worker.Worker;
import dev.shadowplane.dataplane.worker.WorkerPlan;
import dev.shadowplane.dpdk.PktmbufPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What changed and encapsulated copies need beyond rules: header buffers, a target for each worker
 * and port or collector, and the collectors' next hops. The conductor's thread.
 */
final class CopyService implements AutoCloseable {
  private final DataPlaneConfig config;
  private final Consumer<String> log;
  private final MbufPools pools;
  private final @Nullable PktmbufPool pool;
  private final Rewrites rewrites;

  /** For each worker, its targets by name. */
  private final List<Map<RuleTarget, CopyTarget>> targets = new ArrayList<>();

  private final List<NextHopResolver> resolvers = new ArrayList<>();
  private final Map<String, CollectorLink> links = new HashMap<>();

  /** The copies of a set of rules, numbered as they are asked for. */
  final class Numbers {
    private final List<RuleTarget> to = new ArrayList<>();
    private final List<CopyShape> shapes = new ArrayList<>();

    /** What stands in a plan for a rule's target that gets copies. */
    int number(RuleTarget target, CopyShape shape) {
      to.add(target);
      shapes.add(shape);
      return WorkerPlan.copy(to.size() - 1);
    }

    /** A worker's. */
    Copies of(int worker) {
      if (to.isEmpty()) {
        return Copies.NONE;
      }
      final Map<RuleTarget, CopyTarget> ours = targets.get(worker);
      return new Copies(to.stream().map(ours::get).toList(), shapes);
    }
  }

  /** Makes the pool, before there are ports that hold its mbufs; without targets it needs none. */
  CopyService(DataPlaneConfig config, int serial, Consumer<String> log) {
    this.config = config;
    this.log = log;
    this.rewrites = new Rewrites(config.rewrites());
    final int forwarding = ForwardPair.portsOf(config.workers()).size();
    this.pools =
        new MbufPools("shadowplane-h" + serial, config.headerMbufs(), CopyTarget.HEADER_BYTES, log);
    this.pool = config.ports().size() > forwarding ? pools.of(-1) : null;
  }

  /** Makes the targets on ports that have been started. */
  void start(PortSet ports, List<Port> mirrored, CounterRegistry counters) {
    for (CollectorConfig collector : config.collectors()) {
      links.put(collector.name(), link(collector, ports.byName(collector.port())));
    }
    final int workers = config.workers().size();
    for (int worker = 0; worker < workers && pool != null; worker++) {
      final Map<RuleTarget, CopyTarget> ours = new HashMap<>();
      targets.add(ours);
      for (Port port : mirrored) {
        if (port.sendsSegments()) {
          ours.put(
              new RuleTarget.Port(port.config().name()),
              new CopyTarget(port.eth().txQueue(worker), port.maxSentBytes(), pool, Worker.BURST));
        }
      }
      for (CollectorLink link : links.values()) {
        ours.put(
            new RuleTarget.Collector(link.config().name()),
            new CopyTarget(
                ports.byName(link.config().port()).eth().txQueue(worker),
                link,
                worker,
                senders(),
                pool,
                Worker.BURST));
      }
    }
    for (Port port : mirrored) {
      final List<CollectorLink> asked =
          links.values().stream()
              .filter(link -> link.config().port().equals(port.config().name()))
              .filter(link -> link.config().nextHopMac() == null)
              .toList();
      if (!asked.isEmpty()) {
        resolvers.add(new NextHopResolver(port.eth().rxQueue(0), asked, counters, log));
      }
    }
  }

  private static CollectorLink link(CollectorConfig collector, Port port) {
    if (!port.sendsSegments()) {
      throw new PortException(
          "collector "
              + collector.name()
              + ": port "
              + collector.port()
              + " cannot send frames in pieces, as encapsulation makes them: use another device");
    }
    try {
      return new CollectorLink(collector, port.eth().mac(), port.maxSentBytes());
    } catch (IllegalArgumentException e) {
      throw new PortException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Begins to number the copies of a set.
   *
   * @throws ConfigException when a port cannot send such
   */
  Numbers numbers(List<Rule> rules) {
    for (Rule rule : rules) {
      for (RuleTarget target : rule.targets()) {
        if (rule.copies(target) && !targets.getFirst().containsKey(target)) {
          throw new ConfigException(
              "rule "
                  + rule.name()
                  + ": targets: "
                  + target
                  + " cannot send frames in pieces, as changes make them: use another device");
        }
      }
    }
    return new Numbers();
  }

  /** What a rule changes about its copies. */
  CopyShape shape(Rule rule) {
    return new CopyShape(rule.change(), rewrites);
  }

  /** What the map of a name changes; nothing without one. */
  CopyShape shape(@Nullable String rewrite) {
    return new CopyShape(new CopyChange(null, null, null, rewrite), rewrites);
  }

  /** The way to a collector, null when there is none of that name. */
  @Nullable CollectorLink link(String collector) {
    return links.get(collector);
  }

  /** How many threads may send to a collector: the workers, then the replay agent. */
  int senders() {
    return config.workers().size() + (config.replay().isPresent() ? 1 : 0);
  }

  /** Asks for next hops that are not known, and takes in the answers. */
  int poll(long nowNs) {
    int work = 0;
    for (NextHopResolver resolver : resolvers) {
      work += resolver.poll(nowNs);
    }
    return work;
  }

  /** Ports are closed, and every mbuf is back but those that targets have put aside. */
  @Override
  public void close() {
    targets.forEach(ours -> ours.values().forEach(CopyTarget::close));
    pools.close();
  }
}
