package dev.shadowplane.control.model;

import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.List;

/**
 * A segment of a network: VMs in it reach each other without a router.
 *
 * @param name its name.
 * @param prefixes at most one of each IP version; overlaps no other subnet of the network.
 * @param gateways the router's addresses, one of each prefix's version.
 * @param zone the failure zone; empty if it spans them.
 * @param networkAcl the filter of what enters and leaves it; empty if all may.
 * @param routes where its VMs send what is for other prefixes; the router has the rest.
 */
public record Subnet(
    String name,
    List<IpPrefix> prefixes,
    List<String> gateways,
    String zone,
    String networkAcl,
    List<Route> routes) {
  /** Copies the lists. */
  public Subnet {
    prefixes = List.copyOf(prefixes);
    gateways = List.copyOf(gateways);
    routes = List.copyOf(routes);
  }
}
