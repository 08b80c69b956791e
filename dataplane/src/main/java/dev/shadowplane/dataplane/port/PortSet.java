package dev.shadowplane.dataplane.port;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.ForwardPair;
import dev.shadowplane.dataplane.config.PortConfig;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All ports of a data plane. EAL runs, and outlives them; so do the pools. One thread. */
public final class PortSet implements AutoCloseable {
  private final List<Port> ports = new ArrayList<>();
  private final Map<String, Port> byName = new HashMap<>();
  private final Map<String, List<Integer>> workersByPort = new HashMap<>();
  private final int workers;
  private final Set<String> replayPorts;

  /**
   * Opens and configures every port. A port that forwards has a receive and a transmit queue for
   * each worker that polls it; any other has a transmit queue a worker, since a queue has one
   * owner, and one for the replay agent if it may be replayed to.
   *
   * @param config which
   * @param pools received frames go into the mbufs of the pool of the port's NUMA node
   * @throws PortException when one cannot be had
   * @throws dev.shadowplane.dpdk.DpdkException when a device refuses; none is open then
   */
  public PortSet(DataPlaneConfig config, MbufPools pools) {
    workers = config.workers().size();
    replayPorts = config.replay().map(replay -> Set.copyOf(replay.ports())).orElseGet(Set::of);
    for (int i = 0; i < workers; i++) {
      for (ForwardPair pair : config.workers().get(i).pairs()) {
        workersByPort.computeIfAbsent(pair.a(), key -> new ArrayList<>()).add(i);
        workersByPort.computeIfAbsent(pair.b(), key -> new ArrayList<>()).add(i);
      }
    }
    try {
      for (PortConfig port : config.ports()) {
        open(port, pools);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void open(PortConfig config, MbufPools pools) {
    final List<Integer> polling = workersByPort.get(config.name());
    final int rxQueues = polling == null ? 1 : polling.size();
    final int txQueues =
        polling == null
            ? Math.max(1, workers + (replayPorts.contains(config.name()) ? 1 : 0))
            : polling.size();
    final String device =
        EthPort.isPci(config.device())
            ? DataPlaneConfigReader.resource(config.device()) // EAL knows it by its whole address
            : AfPacket.complete(config.name(), config.device(), Math.max(rxQueues, txQueues));
    final EthPort eth = EthPort.open(config.name(), device);
    try {
      enough(config, "receive", rxQueues, eth.info().maxRxQueues());
      enough(config, "transmit", txQueues, eth.info().maxTxQueues());
      eth.configure(
          new EthPortConfig(
              rxQueues, txQueues, config.rxDescriptors(), config.txDescriptors(), config.mtu()),
          pools.of(eth.info().socket()));
      final Port port = new Port(ports.size(), config, eth, eth.promiscuous());
      ports.add(port);
      byName.put(config.name(), port);
    } catch (RuntimeException e) {
      eth.close();
      throw e;
    }
  }

  private static void enough(PortConfig config, String kind, int wanted, int most) {
    if (wanted > most) {
      throw new PortException(
          "port "
              + config.name()
              + ": "
              + wanted
              + " threads use it, and it has "
              + most
              + " "
              + kind
              + " queues: use fewer workers, no replays, or another device");
    }
  }

  /**
   * The queue of a port that a worker owns, in both directions if the port forwards.
   *
   * @param port which
   * @param worker the worker's index; of a port that forwards, one that polls it
   * @return the queue's number
   */
  public int queue(Port port, int worker) {
    final List<Integer> polling = workersByPort.get(port.config().name());
    return polling == null ? worker : polling.indexOf(worker);
  }

  /**
   * The transmit queue that the replay agent owns of each port that may be replayed to.
   *
   * @return the queue's number
   */
  public int replayQueue() {
    return workers;
  }

  /**
   * Whether several workers use a port, and count each for itself.
   *
   * @param port which
   * @return false when one worker alone writes its counters
   */
  public boolean isShared(Port port) {
    final List<Integer> polling = workersByPort.get(port.config().name());
    return polling != null && polling.size() > 1;
  }

  /** Starts every port: traffic flows into the queues from now on. */
  public void start() {
    ports.forEach(port -> port.eth().start());
  }

  /**
   * All ports.
   *
   * @return by index
   */
  public List<Port> all() {
    return List.copyOf(ports);
  }

  /**
   * A port of the configuration.
   *
   * @param name its name
   * @return the port
   */
  public Port byName(String name) {
    final Port port = byName.get(name);
    if (port == null) {
      throw new IllegalArgumentException(name + " is not a port");
    }
    return port;
  }

  /**
   * Whether a port carries production.
   *
   * @param port which
   * @return false when it can only be a mirror's target
   */
  public boolean forwards(Port port) {
    return workersByPort.containsKey(port.config().name());
  }

  /** Stops and closes all. No worker uses them any more. */
  @Override
  public void close() {
    ports.forEach(port -> port.eth().close());
    ports.clear();
  }
}
