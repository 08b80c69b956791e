package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The lines that iproute2 is given for the namespace of a VM. */
final class VmText {
  /** Behind the kernel's own routes, which it stands in for. */
  private static final int LAST_METRIC = 4_096;

  private VmText() {}

  /** Removes what may be there, in one IP version. */
  static List<String> clear(final VmItem vm, final Set<String> present) {
    final List<String> lines = new ArrayList<>();
    for (final String name : present) {
      if (vm.nics().stream().anyMatch(nic -> nic.name().equals(name))) {
        lines.add("address flush dev " + name);
      } else if (!name.equals("lo")) {
        lines.add("link delete " + name);
      }
    }
    lines.add("route flush table main");
    return lines;
  }

  /** Interfaces, addresses, routes. */
  static List<String> configure(final VmItem vm, final NetworkItem network, final int mtu) {
    final List<String> lines = new ArrayList<>();
    lines.add("link set lo up");
    for (final VmNic nic : vm.nics()) {
      lines.add("link set " + nic.name() + " address " + nic.mac() + " mtu " + mtu + " up");
      for (final String address : nic.addresses()) {
        lines.add("address add " + address + " dev " + nic.name() + options(address, network));
      }
      if (network.feed()) {
        neighboursByRouter(lines, nic, network);
      }
      for (final Route route : nic.routes()) {
        lines.add(
            route.via().isEmpty()
                ? "route replace blackhole " + route.destination()
                : "route replace "
                    + route.destination()
                    + " via "
                    + route.via()
                    + " dev "
                    + nic.name());
      }
    }
    return lines;
  }

  private static String options(final String address, final NetworkItem network) {
    if (address.indexOf(':') < 0) {
      return "";
    }
    return network.feed() ? " nodad noprefixroute" : " nodad";
  }

  /** In place of the route to the prefix: see {@link RouterText#feedRoutes}. */
  private static void neighboursByRouter(
      final List<String> lines, final VmNic nic, final NetworkItem network) {
    for (final Segment segment : network.segments()) {
      if (segment.name().equals(nic.segment())) {
        for (final String gateway : segment.gateways()) {
          if (gateway.indexOf(':') >= 0) {
            final IpPrefix prefix = ItemCheck.prefixOf(segment, gateway);
            lines.add("route replace " + gateway + "/128 dev " + nic.name());
            lines.add(
                "route replace "
                    + prefix
                    + " via "
                    + gateway
                    + " dev "
                    + nic.name()
                    + " metric "
                    + LAST_METRIC);
          }
        }
      }
    }
  }
}
