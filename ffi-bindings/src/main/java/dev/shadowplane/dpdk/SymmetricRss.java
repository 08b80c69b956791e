package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_eth_conf;
import dev.shadowplane.dpdk.abi23.rte_eth_rss_conf;
import dev.shadowplane.dpdk.abi23.rte_eth_rxmode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Receive side scaling by a key that makes the hash the same for both directions of a flow: S. Woo
 * and K. Park, Scalable TCP Session Monitoring with Symmetric Receive-side Scaling (KAIST, 2012).
 */
final class SymmetricRss {
  private static final int KEY_BYTES = 40;

  private SymmetricRss() {}

  /**
   * Asks for it.
   *
   * @param arena holds the key until the device is configured
   * @param conf the device's configuration
   * @param info what the device can hash
   */
  static void ask(Arena arena, MemorySegment conf, EthPortInfo info) {
    rte_eth_rxmode.mq_mode(rte_eth_conf.rxmode(conf), Dpdk.RTE_ETH_MQ_RX_RSS());
    final int keyBytes = info.rssKeyBytes() == 0 ? KEY_BYTES : info.rssKeyBytes();
    final MemorySegment key = arena.allocate(keyBytes);
    for (int i = 0; i < keyBytes; i++) {
      key.set(JAVA_BYTE, i, (byte) ((i & 1) == 0 ? 0x6d : 0x5a));
    }
    final MemorySegment rss = rte_eth_conf.rx_adv_conf.rss_conf(rte_eth_conf.rx_adv_conf(conf));
    rte_eth_rss_conf.rss_key(rss, key);
    rte_eth_rss_conf.rss_key_len(rss, (byte) keyBytes);
    rte_eth_rss_conf.rss_hf(
        rss,
        info.rssTypes()
            & (Dpdk.RTE_ETH_RSS_IP() | Dpdk.RTE_ETH_RSS_TCP() | Dpdk.RTE_ETH_RSS_UDP()));
  }
}
