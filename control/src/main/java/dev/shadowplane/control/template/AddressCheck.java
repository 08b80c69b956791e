package dev.shadowplane.control.template;

import static dev.shadowplane.control.template.NetworkCheck.NETWORK;

import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Nic;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.Subnet;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the addresses of a network: prefixes, gateways, routes, and those of interfaces. */
final class AddressCheck {
  private static final Place SUBNETS = NETWORK.key("subnets");
  private static final Comparator<Range> IN_ORDER =
      Comparator.<Range>comparingInt(range -> IpMath.bits(range.prefix))
          .thenComparing((a, b) -> Long.compareUnsigned(a.prefix.high(), b.prefix.high()))
          .thenComparing((a, b) -> Long.compareUnsigned(a.prefix.low(), b.prefix.low()))
          .thenComparingInt(range -> range.prefix.length());

  private final Network network;
  private final Problems problems;
  private final Map<String, Subnet> subnets = new HashMap<>();
  private final Map<IpPrefix, String> owners = new HashMap<>();
  private final Map<MacAddress, String> macs = new HashMap<>();

  private AddressCheck(final Network network, final Problems problems) {
    this.network = network;
    this.problems = problems;
  }

  private record Range(IpPrefix prefix, String subnet, Place place) {}

  static void check(final Network network, final Problems problems) {
    final AddressCheck check = new AddressCheck(network, problems);
    check.subnets();
    check.nics();
  }

  private void subnets() {
    final References _ =
        new References("subnet", SUBNETS, network.subnets(), Subnet::name, problems);
    final List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < network.subnets().size(); i++) {
      final Subnet subnet = network.subnets().get(i);
      subnets.putIfAbsent(subnet.name(), subnet);
      final Place prefixes = SUBNETS.item(i).key("prefixes");
      for (int j = 0; j < subnet.prefixes().size(); j++) {
        final IpPrefix prefix = subnet.prefixes().get(j);
        if (!prefix.equals(NetworkDecoder.UNREAD)) {
          prefix(prefix, prefixes.item(j));
          ranges.add(new Range(prefix, subnet.name(), prefixes.item(j)));
        }
      }
      if (subnet.prefixes().size() == 2
          && subnet.prefixes().get(0).isIpv6() == subnet.prefixes().get(1).isIpv6()) {
        problems.add(
            prefixes.item(1), "is of the same IP version as the first: describe another subnet");
      }
      gateways(subnet, SUBNETS.item(i).key("gateways"));
      routes(subnet, SUBNETS.item(i).key("routes"));
    }
    overlaps(ranges);
  }

  private void prefix(final IpPrefix prefix, final Place place) {
    final int most = IpMath.bits(prefix) - 2;
    final int least = prefix.isIpv6() ? 16 : 8;
    if (prefix.length() < least || prefix.length() > most) {
      problems.add(place, "has no fitting length: give one from " + least + " to " + most);
    } else if (IpMath.unusable(prefix)) {
      problems.add(place, "holds addresses that no host can have: give another range");
    }
  }

  /** Prefixes are disjoint or one holds the other, so that in order only the last one counts. */
  private void overlaps(final List<Range> ranges) {
    ranges.sort(IN_ORDER);
    @Nullable Range open = null;
    for (final Range range : ranges) {
      if (open != null && IpMath.contains(open.prefix, range.prefix)) {
        problems.add(
            range.place,
            "overlaps "
                + IpMath.text(open.prefix)
                + " of subnet "
                + open.subnet
                + ": give ranges that do not overlap");
      } else {
        open = range;
      }
    }
  }

  private void gateways(final Subnet subnet, final Place place) {
    final Set<Boolean> versions = new HashSet<>();
    for (int i = 0; i < subnet.gateways().size(); i++) {
      final String text = subnet.gateways().get(i);
      if (text.isEmpty()) {
        continue;
      }
      final IpPrefix gateway = IpMath.address(text);
      within(subnet, gateway, place.item(i));
      if (!versions.add(gateway.isIpv6())) {
        problems.add(place.item(i), "is a second one of its IP version: keep one");
      }
      owners.putIfAbsent(gateway, "gateway of subnet " + subnet.name());
    }
  }

  private void routes(final Subnet subnet, final Place place) {
    final Set<IpPrefix> destinations = new HashSet<>();
    for (int i = 0; i < subnet.routes().size(); i++) {
      final Route route = subnet.routes().get(i);
      if (route.destination().equals(NetworkDecoder.UNREAD)) {
        continue;
      }
      if (!destinations.add(route.destination())) {
        problems.add(place.item(i).key("to"), "has another route: keep one");
      }
      if (!route.via().isEmpty()) {
        final IpPrefix via = IpMath.address(route.via());
        if (via.isIpv6() == route.destination().isIpv6()) {
          within(subnet, via, place.item(i).key("via"));
        } else {
          problems.add(place.item(i).key("via"), "is of another IP version than the destination");
        }
      }
    }
  }

  private void nics() {
    for (int i = 0; i < network.vms().size(); i++) {
      final Vm vm = network.vms().get(i);
      for (int j = 0; j < vm.nics().size(); j++) {
        final Nic nic = vm.nics().get(j);
        final Place place = NETWORK.key("vms").item(i).key("nics").item(j);
        mac(vm, nic, place.key("mac"));
        final Subnet subnet = subnets.get(nic.subnet());
        if (subnet != null) {
          addresses(vm, nic, subnet, place.key("addresses"));
        } else if (!nic.subnet().isEmpty()) {
          problems.add(
              place.key("subnet"), "is the name of no subnet: correct it, or describe one");
        }
      }
    }
  }

  private void mac(final Vm vm, final Nic nic, final Place place) {
    if (nic.mac().value() == 0 || (nic.mac().value() >>> 40 & 1) == 1) {
      problems.add(place, "is no address of a single interface: let the first byte be even");
    }
    final String owner = macs.putIfAbsent(nic.mac(), vm.name());
    if (owner != null) {
      problems.add(
          place,
          nic.mac() + " is the MAC address of an interface of " + owner + " too: change one");
    }
  }

  private void addresses(final Vm vm, final Nic nic, final Subnet subnet, final Place place) {
    for (int i = 0; i < nic.addresses().size(); i++) {
      final String text = nic.addresses().get(i);
      if (text.isEmpty()) {
        continue;
      }
      final IpPrefix address = IpMath.address(text);
      within(subnet, address, place.item(i));
      final String owner = owners.putIfAbsent(address, "VM " + vm.name());
      if (owner != null) {
        problems.add(place.item(i), "is the address of " + owner + " too: change one");
      }
    }
  }

  /** An address that is to be one that hosts of a subnet can have. */
  private void within(final Subnet subnet, final IpPrefix address, final Place place) {
    if (subnet.prefixes().contains(NetworkDecoder.UNREAD)) {
      return;
    }
    for (final IpPrefix prefix : subnet.prefixes()) {
      if (IpMath.contains(prefix, address)) {
        if (address.equals(IpMath.first(prefix))) {
          problems.add(place, "is the address of the network itself: give another");
        } else if (!prefix.isIpv6() && address.equals(IpMath.last(prefix))) {
          problems.add(place, "is the broadcast address of its subnet: give another");
        }
        return;
      }
    }
    problems.add(
        place,
        "is not in subnet "
            + subnet.name()
            + ", which has "
            + String.join(" and ", subnet.prefixes().stream().map(IpMath::text).toList())
            + ": give an address of it");
  }
}
