package dev.shadowplane.control.model;

import dev.shadowplane.dataplane.config.IpPrefix;

/**
 * Where packets for a prefix go.
 *
 * @param destination the prefix; the longest that matches counts.
 * @param via the address of the next hop, in a subnet of the network; empty for a blackhole.
 */
public record Route(IpPrefix destination, String via) {}
