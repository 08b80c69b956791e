package dev.shadowplane.control.monitor.series;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a series is called.
 *
 * @param name what is measured, as in {@code vm.cpu.utilisation}: letters, digits and {@code _:.-},
 *     200 characters at most, with no digit in front.
 * @param labels of what, as {@code vm} and {@code network}; 32 at most, each a name of letters,
 *     digits and {@code _} with a value of 256 characters at most.
 */
public record SeriesKey(String name, SortedMap<String, String> labels) {
  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if a limit is exceeded; the message names it.
   */
  public SeriesKey {
    if (!Labels.isMetricName(name)) {
      throw new IllegalArgumentException(
          "is no name of a series: write letters, digits and _:.- as in vm.cpu.utilisation");
    }
    if (labels.size() > Labels.MAX_LABELS) {
      throw new IllegalArgumentException(
          name + " has " + labels.size() + " labels: keep " + Labels.MAX_LABELS + " at most");
    }
    labels.forEach((label, value) -> {
      if (!Labels.isLabelName(label) || value.length() > Labels.MAX_VALUE) {
        throw new IllegalArgumentException(
            name + " has a label whose name is none or value is too long");
      }
    });
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** A series with labels. */
  public static SeriesKey of(final String name, final Map<String, String> labels) {
    return new SeriesKey(name, new TreeMap<>(labels));
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws IllegalArgumentException if a text is no such thing; the message is what is wrong.
   */
  public static SeriesKey parse(final String text) {
    final int end = Labels.metricNameEnd(text, 0);
    final SortedMap<String, String> labels = new TreeMap<>();
    int at = end;
    if (at < text.length() && text.charAt(at) == '{') {
      at = Labels.read(text, at, labels);
    }
    if (at != text.length()) {
      throw new IllegalArgumentException(
          "is no series: write NAME or NAME{LABEL=\"VALUE\",...}, as in"
              + " vm.cpu.utilisation{network=\"shop\",vm=\"web-1\"}");
    }
    return new SeriesKey(text.substring(0, end), labels);
  }

  /** As in {@code vm.cpu.utilisation{network="shop",vm="web-1"}}. */
  @Override
  public String toString() {
    final StringBuilder text = new StringBuilder(name);
    Labels.write(labels, text);
    return text.toString();
  }
}
