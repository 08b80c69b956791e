package dev.shadowplane.dataplane.port;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.ForwardPair;
import dev.shadowplane.dataplane.config.PortConfig;
import dev.shadowplane.dataplane.config.WorkerConfig;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.PktmbufPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All ports of a data plane. EAL runs, and outlives them; so does the pool. One thread. */
public final class PortSet implements AutoCloseable {
  private final List<Port> ports = new ArrayList<>();
  private final Map<String, Port> byName = new HashMap<>();
  private final Set<String> forwarding = new HashSet<>();

  /**
   * Opens and configures every port. A port that forwards has one transmit queue; any other has one
   * a worker, since a queue has one owner.
   *
   * @param config which
   * @param pool received frames go into its mbufs
   * @throws PortException when one cannot be had
   * @throws dev.shadowplane.dpdk.DpdkException when a device refuses; none is open then
   */
  public PortSet(DataPlaneConfig config, PktmbufPool pool) {
    for (WorkerConfig worker : config.workers()) {
      for (ForwardPair pair : worker.pairs()) {
        forwarding.add(pair.a());
        forwarding.add(pair.b());
      }
    }
    try {
      for (PortConfig port : config.ports()) {
        open(port, forwarding.contains(port.name()) ? 1 : config.workers().size(), pool);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void open(PortConfig config, int txQueues, PktmbufPool pool) {
    final String device =
        EthPort.isPci(config.device())
            ? DataPlaneConfigReader.resource(config.device()) // EAL knows it by its whole address
            : AfPacket.complete(config.name(), config.device());
    final EthPort eth = EthPort.open(config.name(), device);
    try {
      if (txQueues > eth.info().maxTxQueues()) {
        throw new PortException(
            "port "
                + config.name()
                + ": "
                + txQueues
                + " workers may mirror to it, and it has "
                + eth.info().maxTxQueues()
                + " transmit queues: use fewer workers or another device");
      }
      eth.configure(
          new EthPortConfig(
              1, txQueues, config.rxDescriptors(), config.txDescriptors(), config.mtu()),
          pool);
      final Port port = new Port(ports.size(), config, eth, eth.promiscuous());
      ports.add(port);
      byName.put(config.name(), port);
    } catch (RuntimeException e) {
      eth.close();
      throw e;
    }
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
    return forwarding.contains(port.config().name());
  }

  /** Stops and closes all. No worker uses them any more. */
  @Override
  public void close() {
    ports.forEach(port -> port.eth().close());
    ports.clear();
  }
}
