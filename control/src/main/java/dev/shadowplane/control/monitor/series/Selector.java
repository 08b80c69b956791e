package dev.shadowplane.control.monitor.series;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which series.
 *
 * @param name their name; ending with {@code *}, how it begins; empty for any.
 * @param labels labels that they have, among others.
 */
public record Selector(String name, Map<String, String> labels) {
  /** Every series. */
  public static final Selector ALL = new Selector("", Map.of());

  /** Copies the map. */
  public Selector {
    labels = Map.copyOf(labels);
  }

  /**
   * Reads one.
   *
   * @param text as in {@code vm.cpu.*{network="shop"}}.
   * @throws IllegalArgumentException if it is none; the message is what is wrong.
   */
  public static Selector parse(final String text) {
    int at = Labels.metricNameEnd(text, 0);
    if (at < text.length() && text.charAt(at) == '*') {
      at++;
    }
    final String name = text.substring(0, at);
    final Map<String, String> labels = new TreeMap<>();
    if (at < text.length() && text.charAt(at) == '{') {
      at = Labels.read(text, at, labels);
    }
    if (at != text.length()) {
      throw new IllegalArgumentException(
          "selects nothing: write NAME, PREFIX* or {LABEL=\"VALUE\"}, as in"
              + " vm.cpu.*{network=\"shop\"}");
    }
    return new Selector(name, labels);
  }

  /** Whether a series is one of them. */
  public boolean matches(final SeriesKey key) {
    final boolean named =
        name.endsWith("*")
            ? key.name().startsWith(name.substring(0, name.length() - 1))
            : name.isEmpty() || name.equals(key.name());
    return named && key.labels().entrySet().containsAll(labels.entrySet());
  }
}
