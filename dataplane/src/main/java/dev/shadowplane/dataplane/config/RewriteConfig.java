package dev.shadowplane.dataplane.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What stands in a shadow network for what there is in production. What is not named stays.
 *
 * @param name what rules call it
 * @param macs MAC addresses by those of production
 * @param vlans VLAN identifiers by those of production
 * @param addresses prefixes by those of production, of the same IP version and length; the longest
 *     that holds an address decides, and the bits behind it stay
 */
public record RewriteConfig(
    String name,
    Map<MacAddress, MacAddress> macs,
    Map<Integer, Integer> vlans,
    Map<IpPrefix, IpPrefix> addresses) {
  /** Copies the maps. */
  public RewriteConfig {
    macs = new LinkedHashMap<>(macs);
    vlans = new LinkedHashMap<>(vlans);
    addresses = new LinkedHashMap<>(addresses);
  }
}
