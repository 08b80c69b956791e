package dev.shadowplane.control.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Typed reading of an object that came from outside. Each error names the field, what is there and
 * what is expected.
 */
final class Fields {
  private final String name;
  private final Map<?, ?> values;

  /** Takes an object; the name says in messages what it is. */
  Fields(final String name, final @Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException(name + " is " + show(value) + " and should be an object");
    }
    this.name = name;
    this.values = map;
  }

  /** Refuses every key that is not in the set. */
  void onlyKnow(final Set<String> keys) {
    for (final Object key : values.keySet()) {
      if (!keys.contains(String.valueOf(key))) {
        throw new IllegalArgumentException(
            name + " has the unknown key '" + key + "': the keys are " + new TreeSet<>(keys));
      }
    }
  }

  boolean has(final String key) {
    return values.get(key) != null;
  }

  @Nullable Object value(final String key) {
    return values.get(key);
  }

  /** A string, or the text of a number; empty if absent. */
  String text(final String key) {
    final Object value = values.get(key);
    if (value == null) {
      return "";
    }
    if (value instanceof String || value instanceof Number) {
      return value.toString();
    }
    throw wrong(key, "a text");
  }

  /** A whole number of 32 bits; 0 if absent. */
  int integer(final String key) {
    final long value = whole(key);
    if (value != (int) value) {
      throw wrong(key, "a whole number of 32 bits");
    }
    return (int) value;
  }

  /** A whole number of 64 bits; 0 if absent. */
  long whole(final String key) {
    final Object value = values.get(key);
    if (value == null) {
      return 0;
    }
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    throw wrong(key, "a whole number");
  }

  /** A number that must be present. */
  double number(final String key) {
    if (values.get(key) instanceof Number number) {
      return number.doubleValue();
    }
    throw wrong(key, "a number");
  }

  boolean flag(final String key) {
    final Object value = values.get(key);
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, "true or false");
  }

  /** A list; one element alone may stand for a list of one, and an absent list is empty. */
  List<Object> list(final String key) {
    final Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    return value instanceof List<?> list ? new ArrayList<>(list) : List.of(value);
  }

  /** A list of texts. */
  List<String> texts(final String key) {
    return list(key).stream()
        .map(value -> {
          if (value instanceof String || value instanceof Number) {
            return value.toString();
          }
          throw wrong(key, "a list of texts");
        })
        .toList();
  }

  private IllegalArgumentException wrong(final String key, final String expected) {
    return new IllegalArgumentException(
        name + ": '" + key + "' is " + show(values.get(key)) + " and should be " + expected);
  }

  private static String show(final @Nullable Object value) {
    final String text = String.valueOf(value);
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }
}
