package dev.shadowplane.control.shadow;

import java.util.List;

/**
 * Something was no longer as it had been brought about, and was not changed by us.
 *
 * @param atNs when this was found, in nanoseconds since 1970.
 * @param sentences what was found.
 */
public record DriftEvent(long atNs, List<String> sentences) {
  /** Copies the list. */
  public DriftEvent {
    sentences = List.copyOf(sentences);
  }
}
