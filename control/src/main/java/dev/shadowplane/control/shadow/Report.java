package dev.shadowplane.control.shadow;

import java.util.List;

/**
 * What came of an operation.
 *
 * @param network the production network of the template.
 * @param revision the version of the template; 0 if it was deleted, or only tried.
 * @param changes what was done, in order; with a dry run, what would be.
 * @param problems what is not as it ought to be, a sentence each; what is wrong with a single
 *     change is said there.
 * @param waiting what is done by itself as soon as something that is away is there.
 */
public record Report(
    String network,
    long revision,
    List<Change> changes,
    List<String> problems,
    List<String> waiting) {
  /** Copies the lists. */
  public Report {
    changes = List.copyOf(changes);
    problems = List.copyOf(problems);
    waiting = List.copyOf(waiting);
  }

  /** Whether everything is as it ought to be, except for what waits. */
  public boolean settled() {
    return problems.isEmpty() && changes.stream().allMatch(change -> change.problem().isEmpty());
  }
}
