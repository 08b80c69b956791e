package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A rule as options: one option for each key of the rule in a file. */
final class RuleOptions extends MatchOptions {
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

  Rule rule() throws CommandFailure {
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
    return rule.setMatch(match()).build();
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
