package dev.shadowplane.control.model;

/**
 * A size that VMs come in.
 *
 * @param name its name.
 * @param cpus processors, fractions allowed; more than 0.
 * @param memoryBytes memory; more than 0.
 * @param bitsPerSecond network bandwidth; 0 if unlimited.
 * @param pricePerHour what one costs, in any currency; 0 if unknown.
 */
public record VmType(
    String name, double cpus, long memoryBytes, long bitsPerSecond, double pricePerHour) {}
