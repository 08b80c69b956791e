package dev.shadowplane.dataplane.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * @param change what is changed about the copies
 * @param limits how much of what the percentage leaves
 * @param anonymise the name of the anonymisation that frames for the journal undergo, or null
 */
public record Rule(
    String name,
    int priority,
    Match match,
    double percent,
    List<RuleTarget> targets,
    CopyChange change,
    Limits limits,
    @Nullable String anonymise) {
  /** Copies the list. */
  public Rule {
    targets = List.copyOf(targets);
  }

  /**
   * Whether what a target gets is not the received frame itself.
   *
   * @param target one of the rule's
   * @return true for collectors, and for ports when something is changed
   */
  public boolean copies(RuleTarget target) {
    return switch (target) {
      case RuleTarget.Collector collector -> true;
      case RuleTarget.Port port -> !change.equals(CopyChange.NONE);
      case RuleTarget.Journal journal -> false;
    };
  }

  /**
   * A rule whose journaled frames are as production sent them.
   *
   * @param name unique in its set
   * @param priority higher goes first
   * @param match which packets
   * @param percent how much of them
   * @param targets where they go
   * @param change what is changed about the copies
   * @param limits how much of what the percentage leaves
   */
  public Rule(
      String name,
      int priority,
      Match match,
      double percent,
      List<RuleTarget> targets,
      CopyChange change,
      Limits limits) {
    this(name, priority, match, percent, targets, change, limits, null);
  }

  /**
   * A rule without limits, whose copies are as production sent them.
   *
   * @param name unique in its set
   * @param priority higher goes first
   * @param match which packets
   * @param percent how much of them
   * @param targets where they go
   */
  public Rule(String name, int priority, Match match, double percent, List<RuleTarget> targets) {
    this(name, priority, match, percent, targets, CopyChange.NONE);
  }

  /**
   * A rule without limits.
   *
   * @param name unique in its set
   * @param priority higher goes first
   * @param match which packets
   * @param percent how much of them
   * @param targets where they go
   * @param change what is changed about the copies
   */
  public Rule(
      String name,
      int priority,
      Match match,
      double percent,
      List<RuleTarget> targets,
      CopyChange change) {
    this(name, priority, match, percent, targets, change, Limits.NONE);
  }
}
