package dev.shadowplane.dpdk;

/**
 * The state of a port's link.
 *
 * @param up whether frames can pass
 * @param speedMbps in megabits a second; 0 when unknown
 */
public record EthLink(boolean up, long speedMbps) {}
