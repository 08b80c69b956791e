package dev.shadowplane.control.shadow;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What differs between two trees, in sentences such as "cpus is 0.5, was 1". */
final class Differences {
  /** The most sentences about two trees; what is beyond is counted in the last one. */
  static final int MAX_SENTENCES = 20;

  private static final int MAX_VALUE_CHARACTERS = 120;
  private static final List<String> NAMES = List.of("name", "vm", "service");

  private final List<String> sentences = new ArrayList<>();
  private int beyond;

  private Differences() {}

  /** The differences of two trees; empty if they are equal. */
  static List<String> between(final JsonNode was, final JsonNode is) {
    final Differences differences = new Differences();
    differences.compare("", was, is);
    if (differences.beyond > 0) {
      differences.sentences.add("and " + differences.beyond + " more differences");
    }
    return differences.sentences;
  }

  private void compare(
      final String path, final @Nullable JsonNode was, final @Nullable JsonNode is) {
    if (Objects.equals(was, is)) {
      return;
    }
    if (was == null || was.isNull()) {
      say(path + " is " + shown(is) + ", was unset");
    } else if (is == null || is.isNull()) {
      say(path + " is unset, was " + shown(was));
    } else if (was.isObject() && is.isObject()) {
      final Set<String> names = new TreeSet<>(was.propertyNames());
      names.addAll(is.propertyNames());
      for (final String name : names) {
        compare(path.isEmpty() ? name : path + "." + name, was.get(name), is.get(name));
      }
    } else if (was.isArray() && is.isArray() && named(was) && named(is)) {
      compareByName(path, was, is);
    } else if (was.isArray() && is.isArray()) {
      compareElements(path, was, is);
    } else {
      say(path + " is " + shown(is) + ", was " + shown(was));
    }
  }

  /** Elements with names are compared with their namesakes, wherever they stand. */
  private void compareByName(final String path, final JsonNode was, final JsonNode is) {
    for (final JsonNode element : was) {
      final JsonNode namesake = find(is, nameOf(element));
      final String place = path + "[" + nameOf(element) + "]";
      if (namesake == null) {
        say(place + " is gone");
      } else {
        compare(place, element, namesake);
      }
    }
    for (final JsonNode element : is) {
      if (find(was, nameOf(element)) == null) {
        say(path + "[" + nameOf(element) + "] is added");
      }
    }
  }

  private void compareElements(final String path, final JsonNode was, final JsonNode is) {
    final List<JsonNode> gone = new ArrayList<>();
    was.forEach(gone::add);
    final List<JsonNode> added = new ArrayList<>();
    is.forEach(element -> {
      if (!gone.remove(element)) {
        added.add(element);
      }
    });
    gone.forEach(element -> say(path + " lacks " + shown(element)));
    added.forEach(element -> say(path + " has " + shown(element) + " added"));
    if (gone.isEmpty() && added.isEmpty()) {
      say(path + " is in another order");
    }
  }

  private static boolean named(final JsonNode array) {
    if (array.isEmpty()) {
      return true;
    }
    final Set<String> seen = new TreeSet<>();
    for (final JsonNode element : array) {
      if (!element.isObject() || nameOf(element).isEmpty() || !seen.add(nameOf(element))) {
        return false;
      }
    }
    return true;
  }

  private static String nameOf(final JsonNode element) {
    for (final String key : NAMES) {
      final JsonNode name = element.get(key);
      if (name != null && name.isString()) {
        return name.stringValue();
      }
    }
    return "";
  }

  private static @Nullable JsonNode find(final JsonNode array, final String name) {
    for (final JsonNode element : array) {
      if (nameOf(element).equals(name)) {
        return element;
      }
    }
    return null;
  }

  private void say(final String sentence) {
    if (sentences.size() < MAX_SENTENCES) {
      sentences.add(sentence);
    } else {
      beyond++;
    }
  }

  private static String shown(final @Nullable JsonNode value) {
    final String text =
        value == null ? "unset" : value.isString() ? value.stringValue() : value.toString();
    return text.length() > MAX_VALUE_CHARACTERS
        ? text.substring(0, MAX_VALUE_CHARACTERS) + "..."
        : text.isEmpty() ? "empty" : text;
  }
}
