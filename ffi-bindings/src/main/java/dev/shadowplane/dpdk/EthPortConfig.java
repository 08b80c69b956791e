package dev.shadowplane.dpdk;

/**
 * How a port is set up.
 *
 * @param rxQueues receive queues, at least 1
 * @param txQueues transmit queues, at least 1
 * @param rxDescriptors wished for each receive queue; rounded to what the device can
 * @param txDescriptors wished for each transmit queue
 * @param mtu payload bytes of the longest frame, without Ethernet header; 0 leaves the device's own
 */
public record EthPortConfig(
    int rxQueues, int txQueues, int rxDescriptors, int txDescriptors, int mtu) {}
