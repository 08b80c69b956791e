package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_mbuf;

/** Mbufs as drivers with offloads leave them. */
public final class TestMbufs {
  private TestMbufs() {}

  /** Makes a frame look as if its tag had been taken off. */
  public static void stripVlan(long mbuf, int tci) {
    Mbuf.stripped(mbuf, tci, Dpdk.RTE_MBUF_F_RX_VLAN() | Dpdk.RTE_MBUF_F_RX_VLAN_STRIPPED());
  }

  /** Likewise, two tags: the outer is an IEEE 802.1ad one. */
  public static void stripQinq(long mbuf, int outer, int inner) {
    Mbuf.stripped(
        mbuf, inner, Dpdk.RTE_MBUF_F_RX_VLAN_STRIPPED() | Dpdk.RTE_MBUF_F_RX_QINQ_STRIPPED());
    NativeMemory.putShort(mbuf + rte_mbuf.vlan_tci_outer$offset(), outer);
  }
}
