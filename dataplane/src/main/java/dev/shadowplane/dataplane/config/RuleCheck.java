package dev.shadowplane.dataplane.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks rules against the ports and the journal that there are. */
public final class RuleCheck {
  private RuleCheck() {}

  /**
   * Checks a set of rules, all or nothing.
   *
   * @param rules what
   * @param config against what
   * @throws ConfigException naming rule, field and reason
   */
  public static void check(List<Rule> rules, DataPlaneConfig config) {
    final Set<String> names = new HashSet<>();
    config.ports().forEach(port -> names.add(port.name()));
    final Set<String> forwarding = ForwardPair.portsOf(config.workers());
    for (Rule rule : rules) {
      for (RuleTarget target : rule.targets()) {
        check(rule, target, config, names, forwarding);
      }
      change(rule, config);
      final String ingress = rule.match().ingress();
      if (ingress != null && !forwarding.contains(ingress)) {
        throw refuse(rule, "match.ingress", ingress + " is not a port that forwards");
      }
    }
  }

  private static void check(
      Rule rule,
      RuleTarget target,
      DataPlaneConfig config,
      Set<String> names,
      Set<String> forwarding) {
    switch (target) {
      case RuleTarget.Journal journal -> {
        if (config.journal().isEmpty()) {
          throw refuse(rule, "targets", "there is no journal: configure journal.directory");
        }
      }
      case RuleTarget.Collector collector -> {
        if (config.collectors().stream().noneMatch(c -> c.name().equals(collector.name()))) {
          throw refuse(
              rule, "targets", collector + " is not a collector: configure it under collectors");
        }
      }
      case RuleTarget.Port port -> {
        if (!names.contains(port.name())) {
          throw refuse(rule, "targets", port + " is not a port: configure it under ports");
        }
        if (forwarding.contains(port.name())) {
          throw refuse(
              rule,
              "targets",
              port + " carries production: mirror to a port that does not forward");
        }
      }
    }
  }

  private static void change(Rule rule, DataPlaneConfig config) {
    final String rewrite = rule.change().rewrite();
    if (rewrite != null && config.rewrites().stream().noneMatch(r -> r.name().equals(rewrite))) {
      throw refuse(rule, "rewrite", rewrite + " is not a rewrite: configure it under rewrites");
    }
    if (rule.change().edits() && rule.targets().stream().allMatch(RuleTarget.JOURNAL::equals)) {
      throw refuse(
          rule,
          rewrite != null ? "rewrite" : "mark",
          "is about copies for ports and collectors, and the journal keeps what production sent:"
              + " add a port or a collector as target");
    }
  }

  private static ConfigException refuse(Rule rule, String field, String problem) {
    return new ConfigException("rule " + rule.name() + ": " + field + ": " + problem);
  }
}
