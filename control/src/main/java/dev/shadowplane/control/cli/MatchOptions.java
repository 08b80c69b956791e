package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.RuleObject;
import dev.shadowplane.control.v1.Match;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Selectors as options: one option for each key of a match in a file. */
class MatchOptions {
  @Option(
      names = "--macs",
      split = ",",
      paramLabel = "MAC",
      description = "Two MAC addresses that talk to each other, separated by a comma.")
  private List<String> macs = List.of();

  @Option(names = "--source-mac", paramLabel = "MAC", description = "The source MAC address.")
  private String sourceMac = "";

  @Option(
      names = "--destination-mac",
      paramLabel = "MAC",
      description = "The destination MAC address.")
  private String destinationMac = "";

  @Option(
      names = "--vlan",
      paramLabel = "ID",
      description = "The outer VLAN identifier, 1 to 4094.")
  private @Nullable Integer vlan;

  @Option(
      names = "--inner-vlan",
      paramLabel = "ID",
      description = "The identifier of the second tag (QinQ), 1 to 4094.")
  private @Nullable Integer innerVlan;

  @Option(
      names = "--hosts",
      split = ",",
      paramLabel = "ADDRESS",
      description = "Two addresses that talk to each other, separated by a comma.")
  private List<String> hosts = List.of();

  @Option(
      names = "--source",
      split = ",",
      paramLabel = "PREFIX",
      description = "The source, IPv4 or IPv6, one of several.")
  private List<String> sources = List.of();

  @Option(
      names = "--destination",
      split = ",",
      paramLabel = "PREFIX",
      description = "The destination, IPv4 or IPv6, one of several.")
  private List<String> destinations = List.of();

  @Option(
      names = "--protocol",
      paramLabel = "NAME",
      description = "tcp, udp, icmp, icmpv6, or a number.")
  private String protocol = "";

  @Option(names = "--dscp", paramLabel = "N", description = "The code point, 0 to 63.")
  private @Nullable Integer dscp;

  @Option(
      names = "--tcp-flags",
      paramLabel = "FLAGS",
      description = "Flags that are set, and behind ! those that are not: syn,!ack.")
  private String tcpFlags = "";

  @Option(
      names = "--tunnel",
      paramLabel = "TYPE",
      description = "The frame carries another one: vxlan, geneve or any.")
  private String tunnel = "";

  @Option(names = "--vni", paramLabel = "N", description = "In this network of the tunnel.")
  private @Nullable Integer vni;

  @Option(
      names = "--filter",
      paramLabel = "EXPRESSION",
      description = "An expression of tcpdump in place of the other selectors.")
  private String filter = "";

  @Option(names = "--source-ports", paramLabel = "PORTS", description = "For example 80,8000-8099.")
  private String sourcePorts = "";

  @Option(
      names = "--destination-ports",
      paramLabel = "PORTS",
      description = "For example 80,8000-8099.")
  private String destinationPorts = "";

  @Option(
      names = "--ingress",
      paramLabel = "PORT",
      description = "The port that the frame came in by.")
  private String ingress = "";

  @Option(
      names = "--direction",
      paramLabel = "DIRECTION",
      description = "either (the replies too, the default) or forward.")
  private String direction = "";

  /** The selectors; without any, every frame matches. */
  final Match match() throws CommandFailure {
    final Match.Builder match =
        Match.newBuilder()
            .addAllMacs(macs)
            .setSourceMac(sourceMac)
            .setDestinationMac(destinationMac)
            .addAllHosts(hosts)
            .addAllSources(sources)
            .addAllDestinations(destinations)
            .setTcpFlags(tcpFlags)
            .setFilter(filter)
            .setProtocol(protocol)
            .setSourcePorts(sourcePorts)
            .setDestinationPorts(destinationPorts)
            .setIngress(ingress);
    if (vlan != null) {
      match.setVlan(vlan);
    }
    if (innerVlan != null) {
      match.setInnerVlan(innerVlan);
    }
    if (dscp != null) {
      match.setDscp(dscp);
    }
    if (!tunnel.isEmpty() || vni != null) {
      match.getTunnelBuilder().setType(tunnel.equals("any") ? "" : tunnel);
    }
    if (vni != null) {
      match.getTunnelBuilder().setVni(vni);
    }
    try {
      return match.setDirection(RuleObject.direction(direction)).build();
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
  }
}
