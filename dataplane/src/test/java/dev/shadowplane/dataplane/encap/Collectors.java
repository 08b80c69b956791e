package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.CollectorConfig;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.RewriteConfig;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.YamlReader;
import java.util.List;

/** Collectors, rewrites and rules as tests write them. */
final class Collectors {
  static final String MACS = "next-hop-mac: '02:00:00:00:0c:02', source-mac: '02:00:00:00:0c:01'";
  static final String IPV4 = "source: 192.0.2.1, destination: 192.0.2.2, " + MACS;
  static final String IPV6 = "source: '2001:db8:c::1', destination: '2001:db8:c::2', " + MACS;

  private Collectors() {}

  private static DataPlaneConfig read(String yaml) {
    return DataPlaneConfigReader.read(
        YamlReader.of(
            "test",
            """
            ports:
              - { name: a, device: x }
              - { name: b, device: y }
              - { name: out, device: z }
            workers: [{ forward: [[a, b]] }]
            """
                + yaml));
  }

  /** A collector called far behind the port out. */
  static CollectorConfig collector(String yaml) {
    return collectors("{ name: far, port: out, " + yaml + " }").getFirst();
  }

  /** Collectors in YAML's short form, separated by commas. */
  static List<CollectorConfig> collectors(String yaml) {
    return read("collectors: [" + yaml + "]").collectors();
  }

  /** A rewrite called shadow. */
  static RewriteConfig rewrite(String yaml) {
    return read("rewrites: [{ name: shadow, " + yaml + " }]").rewrites().getFirst();
  }

  /** A rule that takes everything to some targets, changed. */
  static Rule all(CopyChange change, RuleTarget... targets) {
    return new Rule("all", 0, Match.ALL, 100, List.of(targets), change);
  }

  /** A configuration of a lab with collectors. */
  static DataPlaneConfig config(RingLab lab, List<CollectorConfig> collectors, Rule... rules) {
    return lab.config(rules).with(DataPlaneConfig.HEADER_MBUFS, collectors, List.of());
  }
}
