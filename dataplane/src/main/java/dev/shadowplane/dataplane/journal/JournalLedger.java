package dev.shadowplane.dataplane.journal;

/**
 * Where the journal accounts for every frame it was handed: each is either journaled or shed.
 * Called by the journal agent's thread; implementations neither block nor allocate.
 */
public interface JournalLedger {
  /**
   * Frames of a rule are in the journal and survive the end of this process.
   *
   * @param ruleId the rule
   * @param frames how many more
   * @param bytes their captured bytes
   */
  void journaled(int ruleId, long frames, long bytes);

  /**
   * Frames of a rule were not journaled.
   *
   * @param ruleId the rule
   * @param reason why
   * @param frames how many more
   */
  void shed(int ruleId, ShedReason reason, long frames);

  /**
   * The journal has started, stopped or resumed.
   *
   * @param state the new state
   * @param reason why it stopped, one line; empty when it runs
   */
  void state(JournalState state, String reason);

  /**
   * Something is wrong that does not stop the journal. The one call that may allocate.
   *
   * @param text what, and what is done about it; one line
   */
  default void warning(String text) {}
}
