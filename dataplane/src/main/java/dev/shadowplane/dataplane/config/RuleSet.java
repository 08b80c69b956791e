package dev.shadowplane.dataplane.config;

import java.util.List;

/**
 * All rules at one time.
 *
 * @param version grows with every change
 * @param rules in the order they were given
 */
public record RuleSet(long version, List<Rule> rules) {
  /** Copies the list. */
  public RuleSet {
    rules = List.copyOf(rules);
  }
}
