package dev.shadowplane.control.shadow;

import dev.shadowplane.control.store.ConfigStore.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A version of a template.
 *
 * @param revision its number; grows.
 * @param atNs when it was applied, in nanoseconds since 1970.
 * @param action what became of the template.
 * @param differences what differs from the version before, a sentence each; empty for old versions.
 */
public record TemplateVersion(
    long revision, long atNs, Change.Action action, List<String> differences) {
  private static final int COMPARED = 20;

  /** Copies the list. */
  public TemplateVersion {
    differences = List.copyOf(differences);
  }

  /** Versions, newest first, where each is followed by the one before it. */
  static List<TemplateVersion> of(
      final List<Version> versions, final Function<String, JsonNode> tree) {
    final List<TemplateVersion> result = new ArrayList<>();
    for (int i = 0; i < versions.size(); i++) {
      final Version version = versions.get(i);
      final String before = i + 1 < versions.size() ? versions.get(i + 1).value().orElse("") : "";
      final String text = version.value().orElse("");
      final Change.Action action =
          text.isEmpty()
              ? Change.Action.DELETE
              : before.isEmpty() ? Change.Action.CREATE : Change.Action.CHANGE;
      result.add(
          new TemplateVersion(
              version.revision(),
              version.atNs(),
              action,
              action == Change.Action.CHANGE && i < COMPARED
                  ? Differences.between(tree.apply(before), tree.apply(text))
                  : List.of()));
    }
    return result;
  }
}
