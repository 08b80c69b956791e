package dev.shadowplane.control.api;

/** What the rules that packet records and sums name by a number are called. */
@FunctionalInterface
interface RuleNames {
  /** Knows none. */
  RuleNames NONE = number -> "";

  /** The name of a rule, also of one that was removed, or an empty text. Any thread. */
  String nameOf(long number);
}
