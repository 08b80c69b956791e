package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.RuleObject;
import dev.shadowplane.control.v1.Match;
import dev.shadowplane.control.v1.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A rule as options: one option for each key of the rule in a file. */
final class RuleOptions {
  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "A name of its own.")
  private String name;

  @Option(
      names = "--target",
      required = true,
      paramLabel = "TARGET",
      description = "Where the copies go: port:NAME, collector:NAME or journal; may be repeated.")
  private List<String> targets;

  @Option(
      names = "--priority",
      defaultValue = "0",
      paramLabel = "N",
      description = "The higher number is looked at first; default 0.")
  private int priority;

  @Option(
      names = "--percent",
      paramLabel = "P",
      description = "How many of the matching flows, 0 to 100, decimals allowed; default 100.")
  private @Nullable Double percent;

  @Option(
      names = "--first-packets",
      paramLabel = "N",
      description = "Of each flow the first so many packets, both directions together.")
  private @Nullable Long firstPackets;

  @Option(
      names = "--first-bytes",
      paramLabel = "BYTES",
      description = "Of each flow the packets until so many bytes.")
  private @Nullable Long firstBytes;

  @Option(names = "--every", paramLabel = "N", description = "One packet of so many.")
  private @Nullable Integer every;

  @Option(
      names = "--packets-per-second",
      paramLabel = "N",
      description = "The most packets a second; what is over is shed.")
  private @Nullable Long packetsPerSecond;

  @Option(
      names = "--bits-per-second",
      paramLabel = "N",
      description = "The most bits a second; what is over is shed.")
  private @Nullable Long bitsPerSecond;

  @Option(
      names = "--snap-length",
      paramLabel = "BYTES",
      description = "How much of a frame is copied, 14 to 65535; default all.")
  private @Nullable Integer snapLength;

  @Option(
      names = "--mark-dscp",
      paramLabel = "N",
      description = "The DSCP of copies for ports and collectors, 0 to 63.")
  private @Nullable Integer markDscp;

  @Option(
      names = "--mark-vlan",
      paramLabel = "ID",
      description = "The VLAN tag around copies for ports and collectors, 1 to 4094.")
  private @Nullable Integer markVlan;

  @Option(
      names = "--rewrite",
      paramLabel = "NAME",
      description =
          "The map, in the data plane's configuration, of addresses to replace in copies.")
  private String rewrite = "";

  @Option(
      names = "--anonymise",
      paramLabel = "NAME",
      description =
          "What, in the data plane's configuration, frames undergo on their way to the journal.")
  private String anonymise = "";

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

  Rule rule() throws CommandFailure {
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
    final Rule.Builder rule =
        Rule.newBuilder().setName(name).setPriority(priority).addAllTargets(targets);
    if (percent != null) {
      rule.setPercent(percent);
    }
    limit(rule);
    rule.setRewrite(rewrite);
    rule.setAnonymise(anonymise);
    if (snapLength != null) {
      rule.setSnapLength(snapLength);
    }
    if (markDscp != null) {
      rule.getMarkBuilder().setDscp(markDscp);
    }
    if (markVlan != null) {
      rule.getMarkBuilder().setVlan(markVlan);
    }
    try {
      match.setDirection(RuleObject.direction(direction));
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
    return rule.setMatch(match).build();
  }

  private void limit(final Rule.Builder rule) {
    if (firstPackets != null) {
      rule.setFirstPackets(firstPackets);
    }
    if (firstBytes != null) {
      rule.setFirstBytes(firstBytes);
    }
    if (every != null) {
      rule.setEvery(every);
    }
    if (packetsPerSecond != null) {
      rule.setPacketsPerSecond(packetsPerSecond);
    }
    if (bitsPerSecond != null) {
      rule.setBitsPerSecond(bitsPerSecond);
    }
  }
}
