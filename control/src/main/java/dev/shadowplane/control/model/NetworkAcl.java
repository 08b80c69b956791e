package dev.shadowplane.control.model;

import java.util.List;

/**
 * A stateless filter of what enters and leaves a subnet: the entry with the lowest number that
 * matches decides, and what none matches is dropped.
 *
 * @param name its name.
 * @param ingress for what enters the subnet; by number.
 * @param egress for what leaves it; by number.
 */
public record NetworkAcl(String name, List<AclEntry> ingress, List<AclEntry> egress) {
  /** Copies the lists. */
  public NetworkAcl {
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
  }
}
