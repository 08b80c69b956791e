package dev.shadowplane.control.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A mapping in a template, read leniently: what the schema refuses is passed over, since that has
 * been told already, and lists keep their length so that places stay right.
 *
 * @param node the mapping.
 * @param place where it is.
 * @param problems is told of texts that cannot be parsed.
 */
record Part(JsonNode node, Place place, Problems problems) {
  boolean has(final String key) {
    return node.has(key);
  }

  /** The mapping under a key; an empty one if there is none. */
  Part part(final String key) {
    return new Part(node.path(key), place.key(key), problems);
  }

  /** The mappings in the list under a key. */
  List<Part> parts(final String key) {
    final List<Part> parts = new ArrayList<>();
    if (node.path(key).isArray()) {
      for (final JsonNode item : node.path(key).values()) {
        parts.add(new Part(item, place.key(key).item(parts.size()), problems));
      }
    }
    return parts;
  }

  /** The mappings under the keys of the mapping under a key. */
  Map<String, Part> named(final String key) {
    final Map<String, Part> parts = new TreeMap<>();
    if (node.path(key).isObject()) {
      for (final Map.Entry<String, JsonNode> entry : node.path(key).properties()) {
        final Place at = place.key(key).key(entry.getKey());
        parts.put(entry.getKey(), new Part(entry.getValue(), at, problems));
      }
    }
    return parts;
  }

  String text(final String key, final String otherwise) {
    return node.path(key).isString() ? node.path(key).stringValue() : otherwise;
  }

  double number(final String key, final double otherwise) {
    return node.path(key).isNumber() ? node.path(key).doubleValue() : otherwise;
  }

  int integer(final String key, final int otherwise) {
    final JsonNode value = node.path(key);
    return value.isIntegralNumber() && value.canConvertToInt() ? value.intValue() : otherwise;
  }

  boolean flag(final String key, final boolean otherwise) {
    return node.path(key).isBoolean() ? node.path(key).booleanValue() : otherwise;
  }

  /** One of an enumeration, whose constants are written in lower case. */
  <T extends Enum<T>> T choice(final String key, final T otherwise) {
    for (final T constant : otherwise.getDeclaringClass().getEnumConstants()) {
      if (Words.of(constant).equals(text(key, ""))) {
        return constant;
      }
    }
    return otherwise;
  }

  /** A text or number that is parsed; empty if it is not there or cannot be. */
  <T> Optional<T> parsed(final String key, final Function<String, T> parse) {
    return parsed(node.path(key), place.key(key), parse);
  }

  /** The texts in the list under a key, or the one text there. */
  List<String> texts(final String key) {
    return parsedList(key, "", text -> text);
  }

  /**
   * The texts in the list under a key, or the one text there, parsed.
   *
   * @param otherwise stands for what cannot be parsed.
   */
  <T> List<T> parsedList(final String key, final T otherwise, final Function<String, T> parse) {
    final JsonNode value = node.path(key);
    final List<T> list = new ArrayList<>();
    if (value.isArray()) {
      for (final JsonNode item : value.values()) {
        list.add(parsed(item, place.key(key).item(list.size()), parse).orElse(otherwise));
      }
    } else if (value.isString()) {
      list.add(parsed(value, place.key(key), parse).orElse(otherwise));
    }
    return list;
  }

  private <T> Optional<T> parsed(
      final JsonNode value, final Place at, final Function<String, T> parse) {
    if (!value.isString() && !value.isIntegralNumber()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse.apply(value.asString()));
    } catch (IllegalArgumentException e) {
      problems.add(at, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }
}
