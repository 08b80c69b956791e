package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.rte_eth_stats;
import java.lang.foreign.MemorySegment;

/**
 * The driver's own counters of a port, since it was opened. Some devices keep them over a restart
 * of the process: compare differences.
 *
 * @param rxPackets frames received
 * @param txPackets frames sent
 * @param rxBytes bytes received
 * @param txBytes bytes sent
 * @param rxMissed frames the device dropped because no descriptor was free
 * @param rxErrors frames received in error
 * @param txErrors frames that could not be sent
 * @param rxNoMbuf frames dropped because no mbuf could be had
 */
public record EthStats(
    long rxPackets,
    long txPackets,
    long rxBytes,
    long txBytes,
    long rxMissed,
    long rxErrors,
    long txErrors,
    long rxNoMbuf) {
  static final EthStats NONE = new EthStats(0, 0, 0, 0, 0, 0, 0, 0);

  /** The sums. */
  EthStats plus(EthStats more) {
    return new EthStats(
        rxPackets + more.rxPackets,
        txPackets + more.txPackets,
        rxBytes + more.rxBytes,
        txBytes + more.txBytes,
        rxMissed + more.rxMissed,
        rxErrors + more.rxErrors,
        txErrors + more.txErrors,
        rxNoMbuf + more.rxNoMbuf);
  }

  /** Copies what DPDK has filled in. */
  static EthStats of(MemorySegment stats) {
    return new EthStats(
        rte_eth_stats.ipackets(stats),
        rte_eth_stats.opackets(stats),
        rte_eth_stats.ibytes(stats),
        rte_eth_stats.obytes(stats),
        rte_eth_stats.imissed(stats),
        rte_eth_stats.ierrors(stats),
        rte_eth_stats.oerrors(stats),
        rte_eth_stats.rx_nombuf(stats));
  }
}
