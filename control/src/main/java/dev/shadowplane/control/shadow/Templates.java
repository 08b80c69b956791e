package dev.shadowplane.control.shadow;

import dev.shadowplane.control.template.Template;
import tools.jackson.databind.JsonNode;

/** Turns templates into what they call for. Safe for several threads. */
public interface Templates {
  /**
   * Reads a template.
   *
   * @param source what to call it in messages, such as a file's name.
   * @param text YAML or JSON.
   * @throws ShadowException INVALID, with every problem on a line of its own.
   */
  Wanted read(String source, String text);

  /** What a template calls for. */
  Wanted of(Template template);

  /** The kept form of a template as a tree, to compare it with another. */
  JsonNode tree(String text);
}
