package dev.shadowplane.control.model;

import java.util.List;

/**
 * A stateful filter of interfaces: what no rule allows is dropped, replies are allowed. An
 * interface in several groups allows what any of them allows.
 *
 * @param name its name.
 * @param ingress what may come in.
 * @param egress what may go out.
 */
public record SecurityGroup(String name, List<SecurityRule> ingress, List<SecurityRule> egress) {
  /** Copies the lists. */
  public SecurityGroup {
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
  }
}
