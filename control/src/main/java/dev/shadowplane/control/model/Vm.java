package dev.shadowplane.control.model;

import java.util.List;

/**
 * A virtual machine.
 *
 * @param name its name.
 * @param type its size, a {@link VmType}.
 * @param host where it runs; empty if the provisioner chooses.
 * @param outside whether it is beyond the network's port of the data plane, as clients are: nobody
 *     provisions it, and in a shadow it is stood in for.
 * @param nics its interfaces.
 */
public record Vm(String name, String type, String host, boolean outside, List<Nic> nics) {
  /** Copies the list. */
  public Vm {
    nics = List.copyOf(nics);
  }
}
