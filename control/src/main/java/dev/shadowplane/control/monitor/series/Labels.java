package dev.shadowplane.control.monitor.series;

import java.util.Map;
import java.util.function.IntPredicate;

/** Names, and labels as the text format of Prometheus writes them: {@code {a="b",c="d"}}. */
public final class Labels {
  /** The longest name of a series or a label, in characters. */
  public static final int MAX_NAME = 200;

  /** The longest value of a label, in characters. */
  public static final int MAX_VALUE = 256;

  /** The most labels of a series. */
  public static final int MAX_LABELS = 32;

  private Labels() {}

  /**
   * Reads labels into a map.
   *
   * @param text the text around them.
   * @param from where their opening brace is.
   * @param into takes them.
   * @return where what follows the closing brace begins.
   * @throws IllegalArgumentException if there are none; the message says what is wrong.
   */
  public static int read(final String text, final int from, final Map<String, String> into) {
    int at = skipBlanks(text, from + 1);
    while (at < text.length() && text.charAt(at) != '}') {
      final int end = nameEnd(text, at, Labels::inLabelName);
      final String name = text.substring(at, end);
      if (!isLabelName(name)) {
        throw new IllegalArgumentException(
            "has a label with no name: write letters, digits and _, " + MAX_NAME + " at most");
      }
      at = skipBlanks(text, end);
      if (at >= text.length() || text.charAt(at) != '=') {
        throw new IllegalArgumentException("label " + name + " has no value: write =\"VALUE\"");
      }
      final StringBuilder value = new StringBuilder();
      at = skipBlanks(text, readValue(text, skipBlanks(text, at + 1), name, value));
      if (into.put(name, value.toString()) != null) {
        throw new IllegalArgumentException("label " + name + " is there twice: keep one");
      }
      if (into.size() > MAX_LABELS) {
        throw new IllegalArgumentException("has more than " + MAX_LABELS + " labels: drop some");
      }
      if (at < text.length() && text.charAt(at) == ',') {
        at = skipBlanks(text, at + 1);
      } else if (at >= text.length() || text.charAt(at) != '}') {
        throw new IllegalArgumentException("label " + name + " is not followed by , or }");
      }
    }
    if (at >= text.length()) {
      throw new IllegalArgumentException("has labels that do not end: write }");
    }
    return at + 1;
  }

  private static int readValue(
      final String text, final int from, final String name, final StringBuilder value) {
    if (from >= text.length() || text.charAt(from) != '"') {
      throw new IllegalArgumentException("label " + name + " has a value without quotes");
    }
    int at = from + 1;
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        c = text.charAt(at++);
        c = c == 'n' ? '\n' : c;
      }
      value.append(c);
      if (value.length() > MAX_VALUE) {
        throw new IllegalArgumentException(
            "label " + name + " has more than " + MAX_VALUE + " characters: shorten it");
      }
    }
    if (at >= text.length()) {
      throw new IllegalArgumentException("label " + name + " has a value that does not end");
    }
    return at + 1;
  }

  /** Appends labels with their braces; nothing if there are none. */
  static void write(final Map<String, String> labels, final StringBuilder text) {
    char separator = '{';
    for (final Map.Entry<String, String> label : labels.entrySet()) {
      text.append(separator).append(label.getKey()).append("=\"");
      final String value = label.getValue();
      for (int i = 0; i < value.length(); i++) {
        switch (value.charAt(i)) {
          case '\\' -> text.append("\\\\");
          case '"' -> text.append("\\\"");
          case '\n' -> text.append("\\n");
          default -> text.append(value.charAt(i));
        }
      }
      text.append('"');
      separator = ',';
    }
    if (separator == ',') {
      text.append('}');
    }
  }

  /** Where the name of a series ends that begins at a place. */
  public static int metricNameEnd(final String text, final int from) {
    return nameEnd(text, from, c -> inLabelName(c) || c == ':' || c == '.' || c == '-');
  }

  private static int nameEnd(final String text, final int from, final IntPredicate in) {
    int end = from;
    while (end < text.length() && end - from <= MAX_NAME && in.test(text.charAt(end))) {
      end++;
    }
    return end;
  }

  static boolean isMetricName(final String name) {
    return isName(name) && metricNameEnd(name, 0) == name.length();
  }

  static boolean isLabelName(final String name) {
    return isName(name) && nameEnd(name, 0, Labels::inLabelName) == name.length();
  }

  private static boolean isName(final String name) {
    return !name.isEmpty() && name.length() <= MAX_NAME && !isDigit(name.charAt(0));
  }

  private static boolean inLabelName(final int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || isDigit(c);
  }

  private static boolean isDigit(final int c) {
    return c >= '0' && c <= '9';
  }

  /** Where blanks and tabs end. */
  public static int skipBlanks(final String text, final int from) {
    int at = from;
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }
}
