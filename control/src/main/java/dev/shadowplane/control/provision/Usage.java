package dev.shadowplane.control.provision;

/**
 * What an item has used so far.
 *
 * @param key a VM, or a network for the sum of what is in it.
 * @param atNs when this was read, in nanoseconds since 1970.
 * @param cpuNs processor time.
 * @param memoryBytes memory now.
 * @param memoryLimitBytes the most that it may have; 0 if unlimited.
 * @param cpuLimit processors that it may use; 0 if unlimited.
 * @param receivedBytes bytes that its interfaces received.
 * @param receivedPackets packets likewise.
 * @param sentBytes bytes that they sent.
 * @param sentPackets packets likewise.
 */
public record Usage(
    ItemKey key,
    long atNs,
    long cpuNs,
    long memoryBytes,
    long memoryLimitBytes,
    double cpuLimit,
    long receivedBytes,
    long receivedPackets,
    long sentBytes,
    long sentPackets) {}
