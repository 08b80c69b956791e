package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.config.CollectorConfig;
import dev.shadowplane.dataplane.config.MacAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A collector and how it is reached from a port: what workers share about it. */
public final class CollectorLink {
  /** Ethernet header and one tag, which a port takes beyond its MTU. */
  private static final int LINK_BYTES = 18;

  private static final int MAX_MTU = 65_535;

  private final CollectorConfig config;
  private final long sourceMac;
  private final int mtu;
  private final NextHop nextHop;
  private final AtomicInteger sequences = new AtomicInteger();

  /**
   * A link.
   *
   * @param config of the collector
   * @param portMac six bytes: the sender, unless the configuration names another
   * @param maxFrameBytes the longest frame that the port takes
   * @throws IllegalArgumentException when the MTU is more than the port takes; naming both
   */
  public CollectorLink(CollectorConfig config, byte[] portMac, int maxFrameBytes) {
    this.config = config;
    final @Nullable MacAddress given = config.sourceMac();
    this.sourceMac = given != null ? given.value() : NeighbourDiscovery.mac(portMac, 0);
    final int most = Math.min(MAX_MTU, maxFrameBytes - LINK_BYTES);
    if (config.mtu() > most) {
      throw new IllegalArgumentException(
          "collector "
              + config.name()
              + ": mtu "
              + config.mtu()
              + " is more than the "
              + most
              + " that port "
              + config.port()
              + " takes: lower it, or raise that of the port");
    }
    this.mtu = config.mtu() > 0 ? config.mtu() : most;
    final @Nullable MacAddress known = config.nextHopMac();
    this.nextHop =
        known != null
            ? new NextHop(known.value())
            : new NextHop(NeighbourDiscovery.question(config, sourceMac));
  }

  /**
   * What was asked for.
   *
   * @return as given
   */
  public CollectorConfig config() {
    return config;
  }

  /**
   * The neighbour that outer packets go to.
   *
   * @return shared by the conductor and the workers
   */
  public NextHop nextHop() {
    return nextHop;
  }

  /**
   * What a received frame says about the neighbour.
   *
   * @param frame whole
   * @return its MAC address, or a negative number when the frame is no answer to the question
   */
  public long answer(byte[] frame) {
    return NeighbourDiscovery.answer(frame, config, sourceMac);
  }

  /** A worker's own header; {@code worker} of {@code workers}. */
  OuterHeader header(int worker, int workers) {
    return new OuterHeader(config, sourceMac, mtu, nextHop, sequences, worker, workers);
  }
}
