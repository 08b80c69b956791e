package dev.shadowplane.control.template;

import dev.shadowplane.control.model.AclEntry;
import dev.shadowplane.control.model.Link;
import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.NetworkAcl;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.SecurityGroup;
import dev.shadowplane.control.model.SecurityRule;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.model.VmType;
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks what a network refers to, and its filters. */
final class NetworkCheck {
  static final Place NETWORK = Place.ROOT.key("network");

  private static final long LEAST_MEMORY = 1 << 20;

  private final Network network;
  private final Problems problems;
  private final References groups;

  private NetworkCheck(final Network network, final Problems problems) {
    this.network = network;
    this.problems = problems;
    this.groups =
        new References(
            "security group",
            NETWORK.key("security-groups"),
            network.securityGroups(),
            SecurityGroup::name,
            problems);
  }

  static void check(final Network network, final Problems problems) {
    final NetworkCheck check = new NetworkCheck(network, problems);
    check.hostsAndLinks();
    check.types();
    check.securityGroups();
    check.acls();
    check.vms();
    AddressCheck.check(network, problems);
  }

  private void hostsAndLinks() {
    final References hosts =
        new References(
            "host", NETWORK.key("hosts"), network.hosts(), host -> host.name(), problems);
    final Place links = NETWORK.key("links");
    final References _ = new References("link", links, network.links(), Link::name, problems);
    for (int i = 0; i < network.links().size(); i++) {
      final Link link = network.links().get(i);
      hosts.check(links.item(i).key("from"), link.from());
      hosts.check(links.item(i).key("to"), link.to());
      if (link.from().equals(link.to()) && !link.to().isEmpty()) {
        problems.add(links.item(i).key("to"), "is the host that the link begins at: name another");
      }
    }
    for (int i = 0; i < network.vms().size(); i++) {
      hosts.check(NETWORK.key("vms").item(i).key("host"), network.vms().get(i).host());
    }
  }

  private void types() {
    final Place place = NETWORK.key("vm-types");
    final References types =
        new References("vm-type", place, network.vmTypes(), VmType::name, problems);
    for (int i = 0; i < network.vmTypes().size(); i++) {
      if (network.vmTypes().get(i).memoryBytes() < LEAST_MEMORY) {
        problems.add(place.item(i).key("memory"), "is too little: give at least 1M");
      }
    }
    for (int i = 0; i < network.vms().size(); i++) {
      types.check(NETWORK.key("vms").item(i).key("type"), network.vms().get(i).type());
    }
  }

  private void securityGroups() {
    final Place place = NETWORK.key("security-groups");
    for (int i = 0; i < network.securityGroups().size(); i++) {
      final SecurityGroup group = network.securityGroups().get(i);
      rules(place.item(i).key("ingress"), "from", group.ingress());
      rules(place.item(i).key("egress"), "to", group.egress());
    }
  }

  private void rules(final Place place, final String peers, final List<SecurityRule> rules) {
    for (int i = 0; i < rules.size(); i++) {
      final SecurityRule rule = rules.get(i);
      ports(place.item(i), rule.protocol(), rule.ports());
      final List<String> unknown =
          rule.groups().stream().filter(group -> !groups.contains(group)).toList();
      if (!unknown.isEmpty()) {
        problems.add(
            place.item(i).key(peers),
            "there is no security group "
                + String.join(", ", unknown)
                + ": name one that is described, or a prefix as in 10.0.0.0/24");
      }
    }
  }

  private void ports(final Place place, final Protocol protocol, final @Nullable PortRanges ports) {
    if (ports != null && protocol != Protocol.TCP && protocol != Protocol.UDP) {
      problems.add(
          place.key("ports"), "ports are of tcp and udp: leave them out, or give such a protocol");
    }
  }

  private void acls() {
    final Place place = NETWORK.key("network-acls");
    final References acls =
        new References("network ACL", place, network.networkAcls(), NetworkAcl::name, problems);
    for (int i = 0; i < network.networkAcls().size(); i++) {
      entries(place.item(i).key("ingress"), network.networkAcls().get(i).ingress());
      entries(place.item(i).key("egress"), network.networkAcls().get(i).egress());
    }
    for (int i = 0; i < network.subnets().size(); i++) {
      acls.check(
          NETWORK.key("subnets").item(i).key("network-acl"), network.subnets().get(i).networkAcl());
    }
  }

  private void entries(final Place place, final List<AclEntry> entries) {
    int before = 0;
    for (int i = 0; i < entries.size(); i++) {
      final AclEntry entry = entries.get(i);
      ports(place.item(i), entry.protocol(), entry.ports());
      if (entry.number() > 0 && entry.number() <= before) {
        problems.add(
            place.item(i).key("number"),
            "follows " + before + ": give each entry a higher number than the one before");
      }
      before = Math.max(before, entry.number());
    }
  }

  private void vms() {
    final Place place = NETWORK.key("vms");
    final References _ = new References("VM", place, network.vms(), Vm::name, problems);
    for (int i = 0; i < network.vms().size(); i++) {
      final Vm vm = network.vms().get(i);
      final Place nics = place.item(i).key("nics");
      final References _ =
          new References("interface of the VM", nics, vm.nics(), nic -> nic.name(), problems);
      for (int j = 0; j < vm.nics().size(); j++) {
        if (vm.nics().get(j).name().equals("lo")) {
          problems.add(nics.item(j).key("name"), "is the loopback interface: rename it");
        }
        final List<String> named = vm.nics().get(j).securityGroups();
        groups.checkAll(nics.item(j).key("security-groups"), named);
        if (!named.equals(vm.nics().getFirst().securityGroups())) {
          problems.add(
              nics.item(j).key("security-groups"),
              "differ from those of the VM's first interface: give all its interfaces the same");
        }
      }
    }
  }
}
