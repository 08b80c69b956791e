package dev.shadowplane.dataplane.port;

import dev.shadowplane.dataplane.config.PortConfig;
import dev.shadowplane.dpdk.EthPort;
import java.util.Set;

/**
 * An open port of the configuration.
 *
 * @param index its place in the configuration: what records, rules and the journal know it by
 * @param config what was asked for
 * @param eth the device
 * @param promiscuous whether it receives frames whatever their destination
 */
public record Port(int index, PortConfig config, EthPort eth, boolean promiscuous) {
  /** Devices that take a frame of any length. */
  private static final Set<String> UNLIMITED =
      Set.of("net_ring", "Rings PMD", "net_null", "net_pcap");

  /**
   * The longest frame that it takes; a driver may drop a longer one and count it as sent.
   *
   * @return bytes without check sequence, or {@link Integer#MAX_VALUE}
   */
  public int maxFrameBytes() {
    final String driver = eth.info().driver();
    if (UNLIMITED.contains(driver)) {
      return Integer.MAX_VALUE;
    }
    final int mtu =
        driver.equals(AfPacket.DRIVER)
            ? AfPacket.interfaceMtu(config.name(), config.device())
            : eth.mtu();
    return mtu + AfPacket.HEADER_BYTES;
  }
}
