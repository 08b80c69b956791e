package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.shadowplane.dpdk.abi23.rte_eth_link;
import java.lang.foreign.MemorySegment;

/**
 * The state of a port's link.
 *
 * @param up whether frames can pass
 * @param speedMbps in megabits a second; 0 when unknown
 */
public record EthLink(boolean up, long speedMbps) {
  static final EthLink DOWN = new EthLink(false, 0);

  private static final int STATUS_OFFSET = 4;
  private static final int STATUS_BIT = 1 << 2;

  /** Copies what DPDK has filled in; the status is a bit field, which bindings leave out. */
  static EthLink of(MemorySegment link) {
    final int speed = rte_eth_link.link_speed(link);
    return new EthLink(
        (link.get(JAVA_SHORT, STATUS_OFFSET) & STATUS_BIT) != 0,
        speed == -1 ? 0 : Integer.toUnsignedLong(speed));
  }
}
