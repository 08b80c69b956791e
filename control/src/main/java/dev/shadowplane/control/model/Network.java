package dev.shadowplane.control.model;

import java.util.List;

/**
 * A virtual network as it is configured. Names are unique within their list and follow {@link
 * Names}; references are by name. A network that the template reader finds no problem in has no
 * dangling reference, no overlapping subnets and no cycle of dependencies.
 *
 * @param name its name.
 * @param hosts the machines that its VMs run on.
 * @param vmTypes the sizes that VMs come in.
 * @param subnets its address ranges.
 * @param securityGroups the stateful filters of interfaces.
 * @param networkAcls the stateless filters between subnets.
 * @param vms its virtual machines.
 * @param services what its VMs offer.
 * @param links the links between hosts and their bandwidth.
 */
public record Network(
    String name,
    List<Host> hosts,
    List<VmType> vmTypes,
    List<Subnet> subnets,
    List<SecurityGroup> securityGroups,
    List<NetworkAcl> networkAcls,
    List<Vm> vms,
    List<Service> services,
    List<Link> links) {
  /** Copies the lists. */
  public Network {
    hosts = List.copyOf(hosts);
    vmTypes = List.copyOf(vmTypes);
    subnets = List.copyOf(subnets);
    securityGroups = List.copyOf(securityGroups);
    networkAcls = List.copyOf(networkAcls);
    vms = List.copyOf(vms);
    services = List.copyOf(services);
    links = List.copyOf(links);
  }
}
