package dev.shadowplane.control.shadow;

import java.util.List;

/**
 * How far a network was brought.
 *
 * @param revision the version of the template that this is about; 0 if it was deleted.
 * @param complete whether everything has been as that version says; from then on a difference is
 *     drift.
 * @param problems what is not as it ought to be, a sentence each.
 */
record Outcome(long revision, boolean complete, List<String> problems) {
  static final Outcome NONE = new Outcome(0, false, List.of());

  /** Copies the list. */
  Outcome {
    problems = List.copyOf(problems);
  }
}
