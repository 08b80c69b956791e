package dev.shadowplane.control.shadow;

import dev.shadowplane.control.plan.Plan;
import dev.shadowplane.control.plan.Planner;
import dev.shadowplane.control.template.ShadowSpec;
import dev.shadowplane.control.template.Template;
import dev.shadowplane.control.template.TemplateException;
import dev.shadowplane.control.template.TemplateReader;
import dev.shadowplane.control.template.TemplateWriter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Turns templates into what they call for. Safe for several threads. */
final class Templates {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String NOBODY = "none";

  private final Planner planner;

  Templates(final Planner planner) {
    this.planner = planner;
  }

  /**
   * Reads a template.
   *
   * @param source what to call it in messages, such as a file's name.
   * @param text YAML or JSON.
   * @throws ShadowException INVALID, with every problem on a line of its own.
   */
  Wanted read(final String source, final String text) {
    try {
      return of(TemplateReader.read(source, text));
    } catch (TemplateException e) {
      throw new ShadowException(ShadowException.Reason.INVALID, String.valueOf(e.getMessage()));
    }
  }

  /** What a template calls for. */
  Wanted of(final Template template) {
    final Plan plan = planner.plan(template);
    final List<Wanted.Place> places = new ArrayList<>();
    if (!template.provisioner().equals(NOBODY)) {
      places.add(
          new Wanted.Place(
              new Claim(template.provisioner(), template.network().name()), plan.production()));
    }
    final ShadowSpec shadow = template.shadow();
    if (shadow != null && !shadow.provisioner().equals(NOBODY)) {
      places.add(new Wanted.Place(new Claim(shadow.provisioner(), shadow.name()), plan.shadow()));
    }
    return new Wanted(template, TemplateWriter.json(template), places, plan);
  }

  /** The kept form of a template as a tree, to compare it with another. */
  static JsonNode tree(final String text) {
    return JSON.readTree(text);
  }

  /** The kept form of a template for people. */
  static String yaml(final String text) {
    try {
      return TemplateWriter.yaml(TemplateReader.read("the store", text));
    } catch (TemplateException e) {
      // Kept by another version of this program; JSON is YAML as well.
      return text;
    }
  }
}
