package dev.shadowplane.control.provision.external;

import java.util.List;

/**
 * What came of an action.
 *
 * @param id the action.
 * @param error why it could not be carried out; empty if it was.
 * @param deviations in what the item is not what was asked for, a sentence each.
 */
public record Acknowledgement(String id, String error, List<String> deviations) {
  /** Copies the list. */
  public Acknowledgement {
    deviations = List.copyOf(deviations);
  }
}
