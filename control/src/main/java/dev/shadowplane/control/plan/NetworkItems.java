package dev.shadowplane.control.plan;

import dev.shadowplane.control.model.AclEntry;
import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.NetworkAcl;
import dev.shadowplane.control.model.Nic;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.model.Subnet;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.model.VmType;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.Item.Filter;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The items of one instance of a network: the network, its VMs, and what runs in them. */
final class NetworkItems {
  private static final IpPrefix ANY_IPV4 = new IpPrefix(false, 0, 0, 0);
  private static final IpPrefix ANY_IPV6 = new IpPrefix(true, 0, 0, 0);

  private final Network network;
  private final Copy copy;
  private final GroupFilters filters;
  private final Map<String, Subnet> subnets = new HashMap<>();
  private final Map<String, VmType> types = new HashMap<>();
  private final Map<String, NetworkAcl> acls = new HashMap<>();

  NetworkItems(final Network network, final Copy copy) {
    this.network = network;
    this.copy = copy;
    this.filters = new GroupFilters(network);
    network.subnets().forEach(subnet -> subnets.put(subnet.name(), subnet));
    network.vmTypes().forEach(type -> types.put(type.name(), type));
    network.networkAcls().forEach(acl -> acls.put(acl.name(), acl));
  }

  /** By kind, and of a kind in the order of the network. */
  List<Item> items() {
    final List<Item> items = new ArrayList<>();
    items.add(
        new NetworkItem(
            copy.name(),
            network.subnets().stream().map(this::segment).toList(),
            copy.attachment(),
            copy.feed()));
    network.vms().stream()
        .filter(vm -> copy.vms().contains(vm.name()))
        .map(this::vm)
        .forEach(items::add);
    network.services().forEach(service -> items.addAll(instances(service)));
    return items;
  }

  private Segment segment(final Subnet subnet) {
    final NetworkAcl acl = acls.get(subnet.networkAcl());
    return new Segment(
        subnet.name(),
        subnet.prefixes(),
        subnet.gateways(),
        acl == null ? null : entries(acl.ingress()),
        acl == null ? null : entries(acl.egress()));
  }

  private static List<Filter> entries(final List<AclEntry> entries) {
    return entries.stream()
        .map(entry ->
            new Filter(entry.allow(), entry.protocol(), entry.ports(), List.of(entry.prefix())))
        .toList();
  }

  private VmItem vm(final Vm vm) {
    final VmType type = known(types, vm.type());
    final List<VmNic> nics = new ArrayList<>();
    boolean defaultIpv4 = true;
    boolean defaultIpv6 = true;
    for (final Nic nic : vm.nics()) {
      final VmNic made = nic(nic, defaultIpv4, defaultIpv6);
      defaultIpv4 &=
          made.routes().stream().noneMatch(route -> route.destination().equals(ANY_IPV4));
      defaultIpv6 &=
          made.routes().stream().noneMatch(route -> route.destination().equals(ANY_IPV6));
      nics.add(made);
    }
    // The template reader sees to it that all interfaces of a VM have the same groups.
    final List<String> groups = vm.nics().getFirst().securityGroups();
    return new VmItem(
        copy.name(),
        vm.name(),
        type.cpus() * copy.cpuFactor(),
        Math.round(type.memoryBytes() * copy.memoryFactor()),
        nics,
        filters.ingress(groups),
        filters.egress(groups),
        copy.observers().contains(vm.name()));
  }

  /** An interface; of several with a gateway, the default route is by the first. */
  private VmNic nic(final Nic nic, final boolean defaultIpv4, final boolean defaultIpv6) {
    final Subnet subnet = known(subnets, nic.subnet());
    final List<Route> routes = new ArrayList<>(subnet.routes());
    for (final String gateway : subnet.gateways()) {
      final boolean isIpv6 = gateway.indexOf(':') >= 0;
      final IpPrefix any = isIpv6 ? ANY_IPV6 : ANY_IPV4;
      if ((isIpv6 ? defaultIpv6 : defaultIpv4)
          && routes.stream().noneMatch(route -> route.destination().equals(any))) {
        routes.add(new Route(any, gateway));
      }
    }
    routes.removeIf(route ->
        nic.addresses().stream()
            .noneMatch(address -> address.indexOf(':') >= 0 == route.destination().isIpv6()));
    return new VmNic(
        nic.name(),
        nic.subnet(),
        nic.mac(),
        nic.addresses().stream().map(address -> withLength(subnet, address)).toList(),
        routes);
  }

  private static String withLength(final Subnet subnet, final String address) {
    final boolean isIpv6 = address.indexOf(':') >= 0;
    for (final IpPrefix prefix : subnet.prefixes()) {
      if (prefix.isIpv6() == isIpv6) {
        return address + "/" + prefix.length();
      }
    }
    throw new IllegalArgumentException(address + " is not in subnet " + subnet.name());
  }

  private List<ServiceItem> instances(final Service service) {
    final List<String> command = copy.commands().getOrDefault(service.name(), service.command());
    if (command.isEmpty()) {
      return List.of();
    }
    return service.vms().stream()
        .filter(vm -> copy.vms().contains(vm))
        .map(vm ->
            new ServiceItem(
                copy.name(),
                vm,
                service.name(),
                service.port(),
                command,
                service.environment(),
                service.check()))
        .toList();
  }

  private static <T> T known(final Map<String, T> map, final String name) {
    final @Nullable T value = map.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is not described: plan checked templates only");
    }
    return value;
  }
}
