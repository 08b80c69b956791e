package dev.shadowplane.dataplane.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks rules against one another, the limits, and the ports and the journal that there are. */
public final class RuleCheck {
  /** The most combinations of prefixes, port ranges, protocols and directions in a rule. */
  public static final int MAX_TUPLES = 1_024;

  /** The most in all rules together. */
  public static final int MAX_ALL_TUPLES = 1 << 16;

  /** The most rules with a tunnel, an inner packet, a filter or a negation. */
  public static final int MAX_COMPARED = 256;

  private RuleCheck() {}

  /**
   * Checks a set of rules, all or nothing.
   *
   * @param rules what
   * @param config against what
   * @return a line for each rule that never decides because one of higher priority does
   * @throws ConfigException naming rule, field and reason
   */
  public static List<String> check(List<Rule> rules, DataPlaneConfig config) {
    final Set<String> names = new HashSet<>();
    config.ports().forEach(port -> names.add(port.name()));
    final Set<String> forwarding = ForwardPair.portsOf(config.workers());
    for (Rule rule : rules) {
      for (RuleTarget target : rule.targets()) {
        check(rule, target, config, names, forwarding);
      }
      change(rule, config);
      anonymise(rule, config);
      ingress(rule, rule.match(), forwarding);
    }
    limits(rules);
    return hidden(rules);
  }

  private static void ingress(Rule rule, Match match, Set<String> forwarding) {
    final String ingress = match.ingress();
    if (ingress != null && !forwarding.contains(ingress)) {
      throw refuse(rule, "match.ingress", ingress + " is not a port that forwards");
    }
    if (match.not() != null) {
      ingress(rule, match.not(), forwarding);
    }
  }

  private static void limits(List<Rule> rules) {
    long all = 0;
    int compared = 0;
    for (Rule rule : rules) {
      final long tuples = rule.match().tuples();
      if (tuples > MAX_TUPLES) {
        throw refuse(
            rule,
            "match",
            "stands for "
                + tuples
                + " combinations of prefixes, port ranges, protocols and directions, and "
                + MAX_TUPLES
                + " are allowed: use several rules, or shorter lists");
      }
      all += rule.match().isTuple() ? tuples : 0;
      compared += rule.match().isTuple() ? 0 : 1;
      if (all > MAX_ALL_TUPLES) {
        throw refuse(
            rule,
            "match",
            "with it all rules stand for more than "
                + MAX_ALL_TUPLES
                + " combinations of prefixes, port ranges, protocols and directions: use fewer"
                + " rules, or direction: forward");
      }
      if (compared > MAX_COMPARED) {
        throw refuse(
            rule,
            "match",
            "more than "
                + MAX_COMPARED
                + " rules have tunnel, inner, filter or not: use fewer, or other selectors");
      }
    }
  }

  /** Those that never decide, refused where no priority says that this is meant. */
  private static List<String> hidden(List<Rule> rules) {
    final List<String> warnings = new ArrayList<>();
    final Map<Match, Rule> before = new HashMap<>();
    @Nullable Rule all = null;
    for (Rule rule :
        rules.stream().sorted(Comparator.comparingInt(Rule::priority).reversed()).toList()) {
      final @Nullable Rule first = all != null ? all : before.get(rule.match());
      if (first != null) {
        final String problem =
            "rule "
                + first.name()
                + " takes all that it matches before it, so that it never decides: remove one";
        if (first.priority() == rule.priority()) {
          throw refuse(rule, "match", problem + ", or give it a higher priority");
        }
        warnings.add("rule " + rule.name() + ": match: " + problem);
        continue;
      }
      before.put(rule.match(), rule);
      if (rule.match().matchesAll()) {
        all = rule;
      }
    }
    return warnings;
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

  private static void anonymise(Rule rule, DataPlaneConfig config) {
    final String name = rule.anonymise();
    if (name == null) {
      return;
    }
    if (config.anonymisations().stream().noneMatch(a -> a.name().equals(name))) {
      throw refuse(
          rule, "anonymise", name + " is not an anonymisation: configure it under anonymisations");
    }
    if (!rule.targets().contains(RuleTarget.JOURNAL)) {
      throw refuse(
          rule,
          "anonymise",
          "is about the journal, and ports and collectors get what production sent: add journal"
              + " as target");
    }
  }

  private static ConfigException refuse(Rule rule, String field, String problem) {
    return new ConfigException("rule " + rule.name() + ": " + field + ": " + problem);
  }
}
