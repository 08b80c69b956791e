package dev.shadowplane.control.shadow;

import java.util.List;

/**
 * One thing that was done, or is to be done, to get a network to what its template says.
 *
 * @param action what is done.
 * @param what the item, as in {@code shop/vm/web-1}, or {@code rule NAME}.
 * @param differences what differs, a sentence each; empty for what is created or deleted.
 * @param problem why it could not be done; empty if it was, or nobody has tried.
 */
public record Change(Action action, String what, List<String> differences, String problem) {
  /** Copies the list. */
  public Change {
    differences = List.copyOf(differences);
  }

  /** What is done. */
  public enum Action {
    /** There is none. */
    CREATE,
    /** There is one, and it is not as it ought to be. */
    CHANGE,
    /** There is one, and there ought to be none. */
    DELETE
  }

  /** The same with what came of it. */
  Change failed(final String reason) {
    return new Change(action, what, differences, reason);
  }
}
