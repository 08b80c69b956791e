package dev.shadowplane.control.api;

/** What the rules that packet records name by a number are called. */
@FunctionalInterface
interface RuleNames {
  /** Knows none. */
  RuleNames NONE = number -> "";

  /** The name of a rule, or an empty text. Any thread; never waits. */
  String nameOf(long number);
}
