package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The lines that iproute2 is given for the namespace of a network's router. */
final class RouterText {
  /** The feed as the router's next hop; no packet bears these addresses. */
  static final String FEED_HOP = "169.254.0.1";

  static final String FEED_HOP_6 = "fe80::1";

  private RouterText() {}

  /** Removes the addresses of interfaces that are there, and interfaces that should not be. */
  static List<String> clear(final NetworkItem network, final Set<String> present) {
    final List<String> lines = new ArrayList<>();
    for (final String name : present) {
      final boolean wanted =
          network.segments().stream()
              .anyMatch(segment ->
                  name.equals(Layout.bridge(segment.name()))
                      || (network.feed() && name.equals(Layout.feedPort(segment.name()))));
      if (name.startsWith("br_")) {
        lines.add(wanted ? "address flush dev " + name : "link delete " + name);
      } else if ((name.startsWith("fd_") && !wanted)
          || (name.equals(Layout.FEED_LINK) && !network.feed())) {
        lines.add("link delete " + name);
      }
    }
    return lines;
  }

  /** Makes bridges with the router's addresses. */
  static List<String> bridges(final NetworkItem network, final Set<String> present, final int mtu) {
    final List<String> lines = new ArrayList<>();
    lines.add("link set lo up");
    for (final Segment segment : network.segments()) {
      final String bridge = Layout.bridge(segment.name());
      final String mac = Layout.routerMac(segment);
      if (!present.contains(bridge)) {
        lines.add(
            "link add "
                + bridge
                + " address "
                + mac
                + " type bridge stp_state 0 forward_delay 0 mcast_snooping 0");
      }
      lines.add("link set " + bridge + " address " + mac + " mtu " + mtu + " up");
      for (final String gateway : segment.gateways()) {
        final IpPrefix prefix = ItemCheck.prefixOf(segment, gateway);
        lines.add(
            "address add "
                + gateway
                + "/"
                + prefix.length()
                + " dev "
                + bridge
                + (prefix.isIpv6() ? " nodad" : ""));
      }
    }
    return lines;
  }

  /** Makes an interface a port of a bridge that learns nothing by it. */
  static List<String> port(final String name, final String segment, final boolean flooded) {
    return List.of(
        "link set " + name + " master " + Layout.bridge(segment) + " addrgenmode none up",
        "link set " + name + " type bridge_slave learning off flood " + (flooded ? "on" : "off"));
  }

  /** Makes the links to the feed that are missing. */
  static List<String> feedLinks(
      final NetworkItem network, final Set<String> present, final int mtu) {
    final String feed = Layout.feed(network.network());
    final List<String> lines = new ArrayList<>();
    if (!present.contains(Layout.FEED_LINK)) {
      lines.add(
          veth(Layout.FEED_LINK, Layout.linkMac("router"), Layout.ROUTER_LINK, mtu)
              + Layout.linkMac("feed")
              + " netns "
              + feed);
    }
    for (final Segment segment : network.segments()) {
      final String port = Layout.feedPort(segment.name());
      if (!present.contains(port)) {
        lines.add(
            veth(port, Layout.linkMac("port " + segment.name()), Layout.bridge(segment.name()), mtu)
                + feedMac(segment)
                + " netns "
                + feed);
      }
      lines.addAll(port(port, segment.name(), false));
    }
    lines.add("link set " + Layout.FEED_LINK + " addrgenmode none up");
    final String mac = Layout.linkMac("feed");
    for (final String hop : List.of(FEED_HOP, FEED_HOP_6)) {
      lines.add("neighbour replace " + hop + " lladdr " + mac + " dev feed_ nud permanent");
    }
    lines.add("route replace 0.0.0.0/0 via " + FEED_HOP + " dev feed_ onlink");
    lines.add("route replace ::/0 via " + FEED_HOP_6 + " dev feed_ onlink");
    return lines;
  }

  private static String veth(
      final String name, final String mac, final String peer, final int mtu) {
    return "link add "
        + name
        + " mtu "
        + mtu
        + " address "
        + mac
        + " type veth peer name "
        + peer
        + " mtu "
        + mtu
        + " address ";
  }

  /** The feed's address in a segment. */
  static String feedMac(final Segment segment) {
    return Layout.linkMac("feed " + segment.name());
  }

  /**
   * Where the router sends IPv6 packets for a segment when there is a feed: to it, but for VMs.
   * Nobody answers for whole prefixes in neighbour discovery.
   */
  static List<String> feedRoutes(final NetworkItem network, final List<VmItem> vms) {
    final List<String> lines = new ArrayList<>();
    for (final Segment segment : network.segments()) {
      for (final IpPrefix prefix : segment.prefixes()) {
        if (prefix.isIpv6()) {
          lines.add(
              "route replace " + prefix + " via " + FEED_HOP_6 + " dev feed_ metric 1 onlink");
        }
      }
    }
    for (final VmItem vm : vms) {
      for (final VmNic nic : vm.nics()) {
        for (final String address : nic.addresses()) {
          if (address.indexOf(':') >= 0) {
            lines.add(
                "route replace "
                    + bare(address)
                    + "/128 dev "
                    + Layout.bridge(nic.segment())
                    + " metric 1");
          }
        }
      }
    }
    return lines;
  }

  /** An address without its prefix length. */
  static String bare(final String address) {
    return address.substring(0, address.indexOf('/'));
  }

  /** Makes a VM's link, the far end in the VM. */
  static List<String> vmLink(
      final VmItem vm, final VmNic nic, final boolean present, final int mtu) {
    final String link = Layout.link(vm.vm(), nic.name());
    final List<String> lines = new ArrayList<>();
    if (!present) {
      lines.add(
          veth(link, Layout.linkMac(link), nic.name(), mtu)
              + nic.mac()
              + " netns "
              + Layout.vm(vm.network(), vm.vm()));
    }
    lines.addAll(port(link, nic.segment(), false));
    return lines;
  }
}
