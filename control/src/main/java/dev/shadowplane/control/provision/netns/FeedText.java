package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines that iproute2 is given for the namespace that sessions are driven from. Every address
 * is local there (AnyIP, ip-route(8)), but those of VMs and of the router, to which the rules
 * before the local table lead: from an address in a segment by that segment, from any other by the
 * router.
 */
final class FeedText {
  private static final int FIRST_RULE = 10;
  private static final int COMMON_RULE = 90;
  private static final int LOCAL_RULE = 100;
  private static final int COMMON_TABLE = 1_000;

  private FeedText() {}

  /** Once, in a fresh namespace. */
  static List<String> start() {
    final List<String> lines = new ArrayList<>();
    lines.add("link set lo up");
    for (final String any : List.of("0.0.0.0/0", "::/0")) {
      lines.add("route add local " + any + " dev lo table local");
    }
    return lines;
  }

  /** Once, for each IP version, given as an option: the local table is no longer the first. */
  static List<String> startRules() {
    return List.of(
        "rule add priority " + LOCAL_RULE + " lookup local",
        "rule add priority " + COMMON_RULE + " lookup " + COMMON_TABLE,
        "rule delete priority 0");
  }

  /** Whether a rule of this priority is one of {@link #rules}. */
  static boolean isSegmentRule(final int priority) {
    return priority >= FIRST_RULE && priority < COMMON_RULE;
  }

  /** Removes what {@link #rules} and {@link #routes} have added. */
  static List<String> clear(final int rules) {
    final List<String> lines = new ArrayList<>();
    for (int i = 0; i < rules; i++) {
      lines.add("rule delete priority " + (FIRST_RULE + i));
    }
    for (int i = 0; i <= rules; i++) {
      lines.add("route flush table " + (COMMON_TABLE + i));
    }
    return lines;
  }

  /** The rules of one IP version. */
  static List<String> rules(final NetworkItem network, final boolean ipv6) {
    final List<String> lines = new ArrayList<>();
    for (int i = 0; i < network.segments().size(); i++) {
      for (final IpPrefix prefix : network.segments().get(i).prefixes()) {
        if (prefix.isIpv6() == ipv6) {
          lines.add(
              "rule add from "
                  + prefix
                  + " priority "
                  + (FIRST_RULE + i)
                  + " lookup "
                  + (COMMON_TABLE + 1 + i));
        }
      }
    }
    return lines;
  }

  /** Links up, and where VMs and gateways are. */
  static List<String> routes(final NetworkItem network, final List<VmItem> vms) {
    final List<String> lines = new ArrayList<>();
    lines.add("link set " + Layout.ROUTER_LINK + " up");
    final String mac = Layout.linkMac("router");
    for (final String hop : List.of("169.254.0.2", "fe80::2")) {
      lines.add("neighbour replace " + hop + " lladdr " + mac + " dev router_ nud permanent");
    }
    // A next hop may not be local.
    lines.add("route replace unicast 169.254.0.2/32 dev router_ table local");
    for (int i = 0; i < network.segments().size(); i++) {
      final Segment segment = network.segments().get(i);
      final String device = Layout.bridge(segment.name());
      lines.add("link set " + device + " up");
      for (final String gateway : segment.gateways()) {
        if (!isIpv6(gateway)) {
          lines.add("route replace unicast " + gateway + "/32 dev " + device + " table local");
        }
      }
      for (final String gateway : segment.gateways()) {
        lines.add(route(gateway, byRouter(gateway), COMMON_TABLE));
        lines.add(route(gateway, " dev " + device, COMMON_TABLE + 1 + i));
      }
    }
    for (final VmItem vm : vms) {
      for (final VmNic nic : vm.nics()) {
        for (final String address : nic.addresses()) {
          vm(lines, network, nic.segment(), RouterText.bare(address));
        }
      }
    }
    return lines;
  }

  private static void vm(
      final List<String> lines,
      final NetworkItem network,
      final String home,
      final String address) {
    lines.add(route(address, byRouter(address), COMMON_TABLE));
    for (int i = 0; i < network.segments().size(); i++) {
      final Segment segment = network.segments().get(i);
      final String device = " dev " + Layout.bridge(segment.name());
      if (segment.name().equals(home)) {
        lines.add(route(address, device, COMMON_TABLE + 1 + i));
      } else {
        for (final String gateway : segment.gateways()) {
          if (isIpv6(gateway) == isIpv6(address)) {
            lines.add(route(address, " via " + gateway + device + " onlink", COMMON_TABLE + 1 + i));
          }
        }
      }
    }
  }

  private static String byRouter(final String address) {
    return " via " + (isIpv6(address) ? "fe80::2" : "169.254.0.2") + " dev router_ onlink";
  }

  private static String route(final String address, final String way, final int table) {
    return "route replace "
        + address
        + (isIpv6(address) ? "/128" : "/32")
        + way
        + " table "
        + table;
  }

  private static boolean isIpv6(final String address) {
    return address.indexOf(':') >= 0;
  }
}
