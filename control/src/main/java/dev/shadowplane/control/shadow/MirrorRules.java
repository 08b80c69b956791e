package dev.shadowplane.control.shadow;

import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The mirror rules of all shadows together, since the data plane takes them in one step. */
final class MirrorRules {
  private final Mirrors mirrors;
  private final Map<String, List<Rule>> byNetwork = new TreeMap<>();

  MirrorRules(final Mirrors mirrors) {
    this.mirrors = mirrors;
  }

  /** The rules that are wanted for a network. */
  synchronized List<Rule> of(final String network) {
    return byNetwork.getOrDefault(network, List.of());
  }

  /** Notes the rules of a network without telling the data plane yet. */
  synchronized void note(final String network, final List<Rule> rules) {
    if (rules.isEmpty()) {
      byNetwork.remove(network);
    } else {
      byNetwork.put(network, rules);
    }
  }

  /** Brings the data plane to the rules of all networks. */
  synchronized List<Change> put(final String network, final List<Rule> rules)
      throws Mirrors.MirrorException {
    note(network, rules);
    return sync();
  }

  /** Brings the data plane to the rules that were noted. */
  synchronized List<Change> sync() throws Mirrors.MirrorException {
    mirrors.standby(ports(all()));
    return mirrors.replace(all(), false);
  }

  /** What it would change if the rules of a network were these. */
  synchronized List<Change> preview(final String network, final List<Rule> rules)
      throws Mirrors.MirrorException {
    final List<Rule> before = of(network);
    note(network, rules);
    try {
      return mirrors.replace(all(), true);
    } finally {
      note(network, before);
    }
  }

  private static Set<String> ports(final List<Rule> rules) {
    final Set<String> ports = new TreeSet<>();
    for (final Rule rule : rules) {
      for (final RuleTarget target : rule.targets()) {
        if (target instanceof RuleTarget.Port(String name)) {
          ports.add(name);
        }
      }
    }
    return ports;
  }

  private List<Rule> all() {
    return byNetwork.values().stream().flatMap(List::stream).toList();
  }
}
