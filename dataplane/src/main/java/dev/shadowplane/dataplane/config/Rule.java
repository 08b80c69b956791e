package dev.shadowplane.dataplane.config;

import java.util.List;

/**
 * A mirroring rule. Of all rules that match a packet the one with the highest priority decides, the
 * earlier one among equals; a rule without targets exempts what it matches.
 *
 * @param name unique in its set
 * @param priority higher goes first
 * @param match which packets
 * @param percent how much of them, by flow: 0 to 100. A flow is taken or left as a whole, in both
 *     directions; what a lower percentage takes, a higher one takes too
 * @param targets where they go
 */
public record Rule(
    String name, int priority, Match match, double percent, List<RuleTarget> targets) {
  /** Copies the list. */
  public Rule {
    targets = List.copyOf(targets);
  }
}
