package dev.shadowplane.control.model;

import java.util.List;
import java.util.Map;

/**
 * How a production network and its shadow belong together.
 *
 * @param network the production network.
 * @param shadow its shadow.
 * @param mirroring whether traffic is mirrored, which needs rules.
 * @param rules the names of the data plane's rules that mirror it.
 * @param identifiers the shadow's identifier of each production VM that it has, by the VM's name.
 * @param standIns the VMs that the shadow has not, but stands in for; sorted.
 * @param services the services that the shadow runs or is fed for; sorted.
 */
public record Mapping(
    String network,
    String shadow,
    boolean mirroring,
    List<String> rules,
    Map<String, String> identifiers,
    List<String> standIns,
    List<String> services) {
  /** Copies the lists. */
  public Mapping {
    rules = List.copyOf(rules);
    identifiers = Map.copyOf(identifiers);
    standIns = List.copyOf(standIns);
    services = List.copyOf(services);
  }
}
