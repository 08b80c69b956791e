package dev.shadowplane.control.model;

import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a security group allows.
 *
 * @param protocol of what.
 * @param ports the destination ports; null for all, and for protocols without ports.
 * @param prefixes the other end; with {@code groups} empty too, any.
 * @param groups security groups whose interfaces may be the other end.
 */
public record SecurityRule(
    Protocol protocol, @Nullable PortRanges ports, List<IpPrefix> prefixes, List<String> groups) {
  /** Copies the lists. */
  public SecurityRule {
    prefixes = List.copyOf(prefixes);
    groups = List.copyOf(groups);
  }
}
