package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_eth_dev_info;
import java.lang.foreign.MemorySegment;

/**
 * What a device says of itself.
 *
 * @param driver the driver's name, for example {@code net_af_packet}
 * @param maxRxQueues receive queues it can have
 * @param maxTxQueues transmit queues it can have
 * @param maxMtu the longest payload it takes, in bytes
 * @param txMultiSegments whether it sends frames of several segments
 * @param rxScatter whether it receives frames into several segments
 * @param rssTypes packets that it can spread over queues by hash, {@code RTE_ETH_RSS_} bits; 0 when
 *     queues, if there are several, are filled some other way
 * @param rssKeyBytes length of the hash's key
 * @param socket NUMA node it is on, -1 when unknown
 * @param interfaceIndex the kernel's index of the interface that it stands on, 0 when there is none
 */
public record EthPortInfo(
    String driver,
    int maxRxQueues,
    int maxTxQueues,
    int maxMtu,
    boolean txMultiSegments,
    boolean rxScatter,
    long rssTypes,
    int rssKeyBytes,
    int socket,
    int interfaceIndex) {
  /** Copies what DPDK has filled in. */
  static EthPortInfo of(MemorySegment reported, int socket) {
    return new EthPortInfo(
        rte_eth_dev_info.driver_name(reported).reinterpret(64).getString(0),
        rte_eth_dev_info.max_rx_queues(reported) & 0xffff,
        rte_eth_dev_info.max_tx_queues(reported) & 0xffff,
        rte_eth_dev_info.max_mtu(reported) & 0xffff,
        (rte_eth_dev_info.tx_offload_capa(reported) & Dpdk.RTE_ETH_TX_OFFLOAD_MULTI_SEGS()) != 0,
        (rte_eth_dev_info.rx_offload_capa(reported) & Dpdk.RTE_ETH_RX_OFFLOAD_SCATTER()) != 0,
        rte_eth_dev_info.flow_type_rss_offloads(reported),
        rte_eth_dev_info.hash_key_size(reported) & 0xff,
        socket,
        rte_eth_dev_info.if_index(reported));
  }
}
