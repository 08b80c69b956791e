package dev.shadowplane.dataplane.config;

/**
 * A port.
 *
 * @param name what rules, counters and messages call it
 * @param device a PCI address, or a virtual device with its arguments
 * @param mtu payload bytes of the longest frame; 0 leaves the device's own
 * @param rxDescriptors wished for a receive queue
 * @param txDescriptors wished for a transmit queue
 */
public record PortConfig(
    String name, String device, int mtu, int rxDescriptors, int txDescriptors) {}
