package dev.shadowplane.control.model;

import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.PortRanges;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a network ACL.
 *
 * @param number its place, unique in its list.
 * @param allow whether what matches passes.
 * @param protocol of what.
 * @param ports the destination ports; null for all, and for protocols without ports.
 * @param prefix the end outside the subnet.
 */
public record AclEntry(
    int number, boolean allow, Protocol protocol, @Nullable PortRanges ports, IpPrefix prefix) {}
