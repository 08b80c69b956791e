package dev.shadowplane.control.model;

import dev.shadowplane.dataplane.config.MacAddress;
import java.util.List;

/**
 * An interface of a VM.
 *
 * @param name its name within the VM, at most 15 characters.
 * @param subnet the subnet that it is in.
 * @param mac its MAC address; unicast, unique in the network.
 * @param addresses its IP addresses, each within a prefix of the subnet and unique.
 * @param securityGroups its filters; with none, nothing may come in or go out.
 */
public record Nic(
    String name,
    String subnet,
    MacAddress mac,
    List<String> addresses,
    List<String> securityGroups) {
  /** Copies the lists. */
  public Nic {
    addresses = List.copyOf(addresses);
    securityGroups = List.copyOf(securityGroups);
  }
}
