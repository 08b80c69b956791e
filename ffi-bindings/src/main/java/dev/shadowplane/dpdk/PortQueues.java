package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.rte_eth_fp_ops;
import dev.shadowplane.dpdk.abi23.rte_ethdev_qdata;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The queues of a port that somebody uses, by number. They stay the same objects while the port is
 * stopped, or gets another device, and are pointed to what DPDK then publishes in {@code
 * rte_eth_fp_ops}. One thread.
 */
final class PortQueues {
  private final Map<Integer, RxQueue> rx = new HashMap<>();
  private final Map<Integer, TxQueue> tx = new HashMap<>();

  RxQueue rx(MemorySegment ops, int number) {
    final RxQueue queue = rx.computeIfAbsent(number, key -> new RxQueue());
    point(ops, number, queue);
    return queue;
  }

  TxQueue tx(MemorySegment ops, int number) {
    final TxQueue queue = tx.computeIfAbsent(number, key -> new TxQueue());
    point(ops, number, queue);
    return queue;
  }

  /** Points all to what a port that was started has published. */
  void point(MemorySegment ops) {
    rx.forEach((number, queue) -> point(ops, number, queue));
    tx.forEach((number, queue) -> point(ops, number, queue));
  }

  void idle() {
    rx.values().forEach(RxQueue::idle);
    tx.values().forEach(TxQueue::idle);
  }

  private static void point(MemorySegment ops, int number, RxQueue queue) {
    queue.point(rte_eth_fp_ops.rx_pkt_burst(ops), data(rte_eth_fp_ops.rxq(ops), number));
  }

  private static void point(MemorySegment ops, int number, TxQueue queue) {
    queue.point(rte_eth_fp_ops.tx_pkt_burst(ops), data(rte_eth_fp_ops.txq(ops), number));
  }

  private static long data(MemorySegment qdata, int number) {
    return rte_ethdev_qdata
        .data(qdata)
        .reinterpret((number + 1) * ADDRESS.byteSize())
        .getAtIndex(JAVA_LONG, number);
  }
}
