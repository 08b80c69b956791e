package dev.shadowplane.control.template;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The structure of templates, which is JSON Schema 2020-12. */
final class TemplateSchema {
  static final String TEXT = load();

  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(TEXT, InputFormat.JSON);

  private TemplateSchema() {}

  /** Tells of everything that is not of this structure. */
  static void check(final JsonNode content, final Problems problems) {
    for (final Error error : SCHEMA.validate(content)) {
      final Place place = place(error.getInstanceLocation());
      final String property = error.getProperty();
      switch (error.getKeyword()) {
        case "required" -> problems.add(place.key(property), "is missing: add it");
        case "additionalProperties" ->
            problems.add(place.key(property), "is no key here: use " + keys(error));
        case "propertyNames" ->
            problems.add(
                property == null ? place : place.key(property),
                "has a name that is not allowed: give " + description(error));
        default -> problems.add(place, "is not allowed: give " + description(error));
      }
    }
  }

  private static Place place(final NodePath path) {
    Place place = Place.ROOT;
    for (int i = 0; i < path.getNameCount(); i++) {
      place =
          path.getElement(i) instanceof Integer index
              ? place.item(index)
              : place.key(path.getName(i));
    }
    return place;
  }

  /** What the part of the schema that refused something says of itself. */
  private static String description(final Error error) {
    return around(error).path("description").asString("what the schema describes");
  }

  private static String keys(final Error error) {
    return String.join(", ", List.copyOf(around(error).path("properties").propertyNames()));
  }

  /** The part of the schema with the keyword that refused something. */
  private static JsonNode around(final Error error) {
    final NodePath path = error.getSchemaLocation().getFragment();
    JsonNode node = SCHEMA.getSchemaNode();
    for (int i = 0; i < path.getNameCount() - 1; i++) {
      node =
          path.getElement(i) instanceof Integer index
              ? node.path(index)
              : node.path(path.getName(i));
    }
    return node;
  }

  private static String load() {
    try (InputStream in =
        TemplateSchema.class.getResourceAsStream(
            "template-v" + Template.VERSION + ".schema.json")) {
      if (in == null) {
        throw new IllegalStateException(
            "the schema of templates is missing in the jar: build anew");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
