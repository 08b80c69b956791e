package dev.shadowplane.control.monitor;

/**
 * What a VM uses; what is unknown is not a number.
 *
 * @param vm its name; empty for all of its network.
 * @param cpuCores processors.
 * @param cpuUtilisation their share of those it may use, 0 to 1.
 * @param memoryBytes memory.
 * @param memoryUtilisation its share of that it may use, 0 to 1.
 * @param receivedBytes bytes received a second.
 * @param receivedPackets packets likewise.
 * @param sentBytes bytes sent a second.
 * @param sentPackets packets likewise.
 * @param networkUtilisation the busier direction's share of its bandwidth, 0 to 1.
 */
public record VmUsage(
    String vm,
    double cpuCores,
    double cpuUtilisation,
    double memoryBytes,
    double memoryUtilisation,
    double receivedBytes,
    double receivedPackets,
    double sentBytes,
    double sentPackets,
    double networkUtilisation) {}
