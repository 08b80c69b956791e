package dev.shadowplane.control.model;

/**
 * A machine that VMs run on.
 *
 * @param name its name.
 * @param zone the failure zone that it is in; empty if unknown.
 * @param cpus its processors; 0 if unknown.
 * @param memoryBytes its memory; 0 if unknown.
 */
public record Host(String name, String zone, double cpus, long memoryBytes) {}
