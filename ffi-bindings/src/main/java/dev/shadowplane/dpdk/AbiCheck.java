package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_eth_dev_info;
import dev.shadowplane.dpdk.abi23.rte_eth_fp_ops;
import dev.shadowplane.dpdk.abi23.rte_mbuf;
import dev.shadowplane.dpdk.abi23.rte_mempool_cache;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Compares the layouts and constants of the bindings with what the library itself reports, so that
 * a mismatch stops the program instead of corrupting memory.
 */
final class AbiCheck {
  private static final byte CANARY = (byte) 0xa5;

  private AbiCheck() {}

  /** A fresh pool and one mbuf of it: structure sizes, field offsets, flag values. */
  static void pool(PktmbufPool pool) {
    expect("rte_mempool.elt_size", rte_mbuf.sizeof() + pool.dataRoomBytes(), pool.elementBytes());
    for (int lcore = 0; lcore < 2 && pool.caches() != 0; lcore++) {
      final long cache = pool.caches() + lcore * rte_mempool_cache.sizeof();
      expect(
          "rte_mempool_cache.size",
          pool.cacheSize(),
          NativeMemory.getInt(cache + rte_mempool_cache.size$offset()));
      expect(
          "rte_mempool_cache.flushthresh",
          pool.cacheSize() * 3 / 2,
          NativeMemory.getInt(cache + rte_mempool_cache.flushthresh$offset()));
    }
    name("RX_VLAN", Dpdk.rte_get_rx_ol_flag_name(Dpdk.RTE_MBUF_F_RX_VLAN()));
    name("RX_VLAN_STRIPPED", Dpdk.rte_get_rx_ol_flag_name(Dpdk.RTE_MBUF_F_RX_VLAN_STRIPPED()));
    name("RX_QINQ_STRIPPED", Dpdk.rte_get_rx_ol_flag_name(Dpdk.RTE_MBUF_F_RX_QINQ_STRIPPED()));
    name("TX_VLAN", Dpdk.rte_get_tx_ol_flag_name(Dpdk.RTE_MBUF_F_TX_VLAN()));
    name("VLAN_STRIP", Dpdk.rte_eth_dev_rx_offload_name(Dpdk.RTE_ETH_RX_OFFLOAD_VLAN_STRIP()));
    name("SCATTER", Dpdk.rte_eth_dev_rx_offload_name(Dpdk.RTE_ETH_RX_OFFLOAD_SCATTER()));
    name("MULTI_SEGS", Dpdk.rte_eth_dev_tx_offload_name(Dpdk.RTE_ETH_TX_OFFLOAD_MULTI_SEGS()));
    try (MbufAllocator allocator = new MbufAllocator(pool, 1);
        Arena arena = Arena.ofConfined()) {
      final long mbuf = allocator.allocate();
      if (mbuf == 0) {
        throw mismatch("rte_mempool_ops.dequeue", "an mbuf", "none");
      }
      final MbufBurst burst = new MbufBurst(1);
      burst.set(0, mbuf);
      try {
        mbuf(pool, mbuf, arena);
      } finally {
        burst.free(0, 1);
      }
    }
  }

  private static void mbuf(PktmbufPool pool, long mbuf, Arena arena) {
    expect("rte_mbuf.pool", pool.address(), Mbuf.pool(mbuf));
    expect("rte_mbuf.buf_addr", mbuf + rte_mbuf.sizeof(), Mbuf.bufferAddress(mbuf));
    expect("rte_mbuf.buf_len", pool.dataRoomBytes(), Mbuf.bufferLength(mbuf));
    expect("rte_mbuf.refcnt", 1, Mbuf.references(mbuf));
    expect("rte_mbuf.nb_segs", 1, Mbuf.segments(mbuf));
    expect("rte_mbuf.next", 0, Mbuf.next(mbuf));
    // rte_mbuf_check reads what was written here through its own idea of the layout.
    Mbuf.length(mbuf, 60);
    expect("rte_mbuf_check", 0, check(arena, mbuf));
    NativeMemory.putInt(mbuf + rte_mbuf.pkt_len$offset(), 61);
    expect("rte_mbuf_check of a wrong pkt_len", -1, check(arena, mbuf));
    Mbuf.length(mbuf, 0);
    Mbuf.addReferences(mbuf, 1);
    expect("rte_mbuf_check of two references", 0, check(arena, mbuf));
    final MbufBurst second = new MbufBurst(1);
    second.set(0, mbuf);
    second.free(0, 1);
    expect("rte_mbuf.refcnt after rte_pktmbuf_free_bulk", 1, Mbuf.references(mbuf));
    // Written in one word, read field by field.
    Mbuf.begin(mbuf, 9, 60);
    expect("rte_mbuf.data_off", mbuf + rte_mbuf.sizeof() + 9, Mbuf.data(mbuf));
    expect("rte_mbuf.port", 0xffff, Mbuf.port(mbuf));
    expect("rte_mbuf_check of a fresh mbuf", 0, check(arena, mbuf));
    Mbuf.length(mbuf, 0);
  }

  private static int check(Arena arena, long mbuf) {
    return Dpdk.rte_mbuf_check(
        MemorySegment.ofAddress(mbuf), 1, arena.allocate(ValueLayout.ADDRESS));
  }

  /**
   * What a port reports of itself: nothing written past the structure, and fields that make sense
   * in their places.
   */
  static MemorySegment deviceInfo(Arena arena, int port, String name) {
    final long size = rte_eth_dev_info.sizeof();
    final MemorySegment info = arena.allocate(size + 256, 64);
    info.asSlice(size).fill(CANARY);
    final int result = Dpdk.rte_eth_dev_info_get((short) port, info);
    if (result != 0) {
      throw new DpdkException(
          "rte_eth_dev_info_get(port=" + name + ")", -result, "choose a device DPDK supports");
    }
    for (long i = size; i < size + 256; i++) {
      expect("sizeof(struct rte_eth_dev_info)", CANARY, info.get(ValueLayout.JAVA_BYTE, i));
    }
    final MemorySegment driver = rte_eth_dev_info.driver_name(info);
    if (driver.address() == 0
        || !driver.reinterpret(64).getString(0).chars().allMatch(c -> c > ' ' && c < 127)) {
      throw mismatch("rte_eth_dev_info.driver_name", "a name", "bytes that are not");
    }
    return info;
  }

  /** The burst functions and queue of a started port. */
  static void started(MemorySegment fpOps, String name) {
    if (rte_eth_fp_ops.rx_pkt_burst(fpOps).address() == 0
        || rte_eth_fp_ops.tx_pkt_burst(fpOps).address() == 0) {
      throw mismatch("rte_eth_fp_ops of port " + name, "burst functions", "none");
    }
  }

  private static void name(String expected, MemorySegment reported) {
    final String text =
        reported.address() == 0 ? "nothing" : reported.reinterpret(128).getString(0);
    if (!text.endsWith(expected)) {
      throw mismatch("the flag " + expected, expected, text);
    }
  }

  private static void expect(String what, long expected, long reported) {
    if (expected != reported) {
      throw mismatch(what, expected, reported);
    }
  }

  private static DpdkException mismatch(String what, Object expected, Object reported) {
    return new DpdkException(
        "the bindings do not fit this build of DPDK: "
            + what
            + " should be "
            + Objects.toString(expected)
            + " and is "
            + Objects.toString(reported)
            + ": install Debian's dpdk package, or run scripts/generate-bindings.sh against its headers");
  }
}
