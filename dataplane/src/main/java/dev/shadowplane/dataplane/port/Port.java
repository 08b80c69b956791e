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
  /** Devices whose frames are bounded by no MTU. */
  private static final Set<String> UNLIMITED = Set.of("net_ring", "net_null", "net_pcap");

  /** The longest frame that {@code net_pcap} writes; it counts a longer one as sent. */
  private static final int PCAP_BYTES = 65_535;

  /**
   * The longest frame that can come from it.
   *
   * @return bytes without check sequence, or {@link Integer#MAX_VALUE}
   */
  public int maxReceivedBytes() {
    return UNLIMITED.contains(eth.info().driver()) ? Integer.MAX_VALUE : mtuBytes();
  }

  /**
   * The longest frame that it takes; drivers drop a longer one and count it as sent.
   *
   * @return bytes without check sequence, or {@link Integer#MAX_VALUE}
   */
  public int maxSentBytes() {
    final String driver = eth.info().driver();
    return driver.equals("net_pcap")
        ? PCAP_BYTES
        : UNLIMITED.contains(driver) ? Integer.MAX_VALUE : mtuBytes();
  }

  /**
   * Whether it takes frames of several segments. The devices without limit do, whether they say so
   * or not.
   *
   * @return false when a frame must lie in one buffer
   */
  public boolean sendsSegments() {
    return eth.info().txMultiSegments() || UNLIMITED.contains(eth.info().driver());
  }

  /**
   * Whether frames can pass.
   *
   * @return false too while the physical function of a virtual one is down, which some drivers do
   *     not notice
   */
  public boolean isLinkUp() {
    return eth.link().up()
        && !(EthPort.isPci(config.device()) && PciFunction.of(config).isParentDown());
  }

  /**
   * How large the buffers of its frames should be: so that one holds a frame of the interface's
   * MTU.
   *
   * @param config of the port
   * @return bytes, at least 2,048
   */
  public static int bufferBytes(PortConfig config) {
    return AfPacket.frameBytes(config.name(), config.device());
  }

  private int mtuBytes() {
    final int mtu =
        eth.info().driver().equals(AfPacket.DRIVER)
            ? AfPacket.interfaceMtu(config.name(), config.device())
            : eth.mtu();
    return mtu + AfPacket.HEADER_BYTES;
  }
}
