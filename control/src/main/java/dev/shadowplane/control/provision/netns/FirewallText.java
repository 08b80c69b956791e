package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.provision.Item.Filter;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rules of a namespace as nft reads them; they replace all that are there, at once. */
final class FirewallText {
  private static final String NEIGHBOURS =
      "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert,"
          + " mld-listener-query, mld-listener-report, mld2-listener-report } accept";

  private FirewallText() {}

  /** A VM's: stateful, what nothing allows is dropped. */
  static String ofVm(final VmItem vm) {
    final List<String> lines = start("inet sp");
    lines.add("chain input {");
    lines.add("type filter hook input priority 0; policy drop;");
    lines.add("iif lo accept");
    lines.add("ct state established,related accept");
    lines.add("ct state invalid drop");
    lines.add(NEIGHBOURS);
    vm.ingress().forEach(filter -> rules(lines, filter, "saddr", "accept"));
    lines.add("}");
    lines.add("chain output {");
    lines.add("type filter hook output priority 0; policy drop;");
    lines.add("oif lo accept");
    lines.add("ct state established,related accept");
    lines.add("ct state invalid drop");
    lines.add(NEIGHBOURS);
    vm.egress().forEach(filter -> rules(lines, filter, "daddr", "accept"));
    lines.add("}");
    lines.add("}");
    return Commands.lines(lines);
  }

  /**
   * A router's: stateless, by the segment that a packet leaves and the one that it enters.
   *
   * @param observers the router's ends of the links to observers.
   */
  static String ofRouter(final NetworkItem network, final Collection<String> observers) {
    final List<String> lines = start("inet sp");
    for (final Segment segment : network.segments()) {
      acl(lines, "in_", segment, segment.ingress(), "saddr");
      acl(lines, "out_", segment, segment.egress(), "daddr");
    }
    lines.add("chain forward {");
    lines.add("type filter hook forward priority 0; policy drop;");
    for (final Segment segment : network.segments()) {
      final String bridge = Layout.bridge(segment.name());
      if (segment.egress() != null) {
        lines.add("iifname \"" + bridge + "\" jump " + chain("out_", segment));
      }
    }
    for (final Segment segment : network.segments()) {
      final String bridge = Layout.bridge(segment.name());
      if (segment.ingress() != null) {
        lines.add("oifname \"" + bridge + "\" jump " + chain("in_", segment));
      }
    }
    lines.add("accept");
    lines.add("}");
    lines.add("chain input {");
    lines.add("type filter hook input priority 0; policy drop;");
    lines.add("meta l4proto { icmp, ipv6-icmp } accept");
    lines.add("}");
    lines.add("}");
    final var attachment = network.attachment();
    if (attachment != null && !observers.isEmpty()) {
      lines.add("table netdev sp {");
      lines.add("chain observe {");
      lines.add(
          "type filter hook ingress device \""
              + attachment.hostInterface()
              + "\" priority 0; policy accept;");
      observers.forEach(link -> lines.add("dup to \"" + link + "\""));
      lines.add("}");
      lines.add("}");
    }
    return Commands.lines(lines);
  }

  private static List<String> start(final String table) {
    return new ArrayList<>(List.of("flush ruleset", "table " + table + " {"));
  }

  private static void acl(
      final List<String> lines,
      final String direction,
      final Segment segment,
      final @Nullable List<Filter> filters,
      final String end) {
    if (filters != null) {
      lines.add("chain " + chain(direction, segment) + " {");
      filters.forEach(filter -> rules(lines, filter, end, "return"));
      lines.add("drop");
      lines.add("}");
    }
  }

  private static String chain(final String direction, final Segment segment) {
    return direction + segment.name().replace('-', '_');
  }

  private static void rules(
      final List<String> lines, final Filter filter, final String end, final String allowed) {
    final String verdict = filter.allow() ? allowed : "drop";
    if (filter.peers().isEmpty()) {
      lines.add(protocol(filter) + verdict);
      return;
    }
    for (final boolean ipv6 : new boolean[] {false, true}) {
      final List<IpPrefix> peers =
          filter.peers().stream().filter(peer -> peer.isIpv6() == ipv6).toList();
      if (!peers.isEmpty()) {
        lines.add(peers(peers, ipv6, end) + protocol(filter) + verdict);
      }
    }
  }

  private static String peers(final List<IpPrefix> peers, final boolean ipv6, final String end) {
    if (peers.stream().anyMatch(peer -> peer.length() == 0)) {
      return "meta nfproto " + (ipv6 ? "ipv6 " : "ipv4 ");
    }
    // nft refuses sets whose elements overlap.
    return peers.stream()
        .distinct()
        .filter(peer -> peers.stream().noneMatch(other -> within(peer, other)))
        .map(IpPrefix::toString)
        .sorted()
        .collect(Collectors.joining(", ", (ipv6 ? "ip6 " : "ip ") + end + " { ", " } "));
  }

  private static boolean within(final IpPrefix inner, final IpPrefix outer) {
    return outer.length() < inner.length()
        && new IpPrefix(inner.isIpv6(), inner.high(), inner.low(), outer.length()).equals(outer);
  }

  private static String protocol(final Filter filter) {
    final PortRanges ports = filter.ports();
    return switch (filter.protocol()) {
      case ANY -> "";
      case ICMP -> "meta l4proto { icmp, ipv6-icmp } ";
      case TCP, UDP -> {
        final String name = filter.protocol() == Protocol.TCP ? "tcp" : "udp";
        yield ports == null
            ? "meta l4proto " + name + " "
            : name + " dport { " + merged(ports) + " } ";
      }
    };
  }

  private static String merged(final PortRanges ports) {
    final List<PortRanges.Range> merged = new ArrayList<>();
    ports.ranges().stream()
        .sorted((a, b) -> Integer.compare(a.low(), b.low()))
        .forEach(range -> {
          if (!merged.isEmpty() && range.low() <= merged.getLast().high() + 1) {
            final PortRanges.Range last = merged.removeLast();
            merged.add(new PortRanges.Range(last.low(), Math.max(last.high(), range.high())));
          } else {
            merged.add(range);
          }
        });
    return new PortRanges(merged).toString().replace(",", ", ");
  }
}
