package dev.shadowplane.control.model;

/**
 * A link between two hosts.
 *
 * @param name its name.
 * @param from a host.
 * @param to another host.
 * @param bitsPerSecond its bandwidth; 0 if unknown.
 */
public record Link(String name, String from, String to, long bitsPerSecond) {}
