package dev.shadowplane.control.template;

import dev.shadowplane.control.model.Network;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads templates. Safe for several threads. */
public final class TemplateReader {
  /** The largest template, in bytes. */
  public static final int MAX_BYTES = 16 << 20;

  private TemplateReader() {}

  /** The structure of templates as JSON Schema 2020-12, for editors. */
  public static String schema() {
    return TemplateSchema.TEXT;
  }

  /**
   * Reads a template.
   *
   * @param source what problems call it: its file.
   * @param text YAML or JSON, of at most {@link #MAX_BYTES} in UTF-8.
   * @return the template, with what was left out filled in and without problems.
   * @throws TemplateException with every problem that it has.
   */
  public static Template read(final String source, final String text) throws TemplateException {
    if (text.length() > MAX_BYTES) {
      throw TemplateDocument.failure(
          source, 0, "has more than " + MAX_BYTES + " bytes: describe fewer VMs");
    }
    final TemplateDocument document = TemplateDocument.of(source, text);
    final Problems problems = new Problems(document);
    final JsonNode content = document.content(problems);
    final JsonNode version = content.path("version");
    if (version.isIntegralNumber() && version.longValue() > Template.VERSION) {
      problems.add(
          Place.ROOT.key("version"),
          "is newer than this program, which reads version " + Template.VERSION + ": update it");
      problems.throwIfAny();
    }
    TemplateSchema.check(content, problems);
    final Template template = template(new Part(content, Place.ROOT, problems));
    NetworkCheck.check(template.network(), problems);
    ServicesCheck.check(template.network(), problems);
    TemplateCheck.check(template, problems);
    problems.throwIfAny();
    return template;
  }

  private static Template template(final Part root) {
    final Part part = root.part("network");
    final Network network = NetworkDecoder.network(part);
    final Part attach = part.part("attach");
    final String onlySubnet =
        network.subnets().size() == 1 ? network.subnets().getFirst().name() : "";
    final @Nullable ShadowSpec shadow =
        root.flag("shadow_enabled", root.has("shadow"))
            ? ShadowDecoder.shadow(root.part("shadow"), network.name(), onlySubnet)
            : null;
    return new Template(
        network,
        part.text("provisioner", "none"),
        attach.text("port", ""),
        attach.text("interface", ""),
        attach.text("subnet", part.has("attach") ? onlySubnet : ""),
        shadow);
  }
}
