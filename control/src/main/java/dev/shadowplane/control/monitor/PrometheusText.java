package dev.shadowplane.control.monitor;

import dev.shadowplane.control.monitor.series.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads metrics in the text formats of Prometheus 0.0.4 and OpenMetrics 1.0. Timestamps and
 * exemplars are passed over. Nothing is taken from a text with a line that is wrong.
 */
final class PrometheusText {
  /** The longest text, in characters. */
  static final int MAX_CHARACTERS = 1 << 20;

  /** The most samples. */
  static final int MAX_SAMPLES = 10_000;

  private static final int MAX_LINE = 16_384;
  private static final int MAX_NUMBER = 64;
  private static final String EXEMPLAR = "#";

  private final Map<String, String> types = new HashMap<>();
  private final List<MetricSample> samples = new ArrayList<>();

  private PrometheusText() {}

  /**
   * One value.
   *
   * @param name its name.
   * @param labels its labels.
   * @param value its value; may be infinite or not a number.
   * @param counter whether it only grows, until it is reset.
   */
  record MetricSample(String name, Map<String, String> labels, double value, boolean counter) {}

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException if it is none, or too long; the message names the line.
   */
  static List<MetricSample> read(final String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "has " + text.length() + " characters: " + MAX_CHARACTERS + " are read at most");
    }
    final PrometheusText reader = new PrometheusText();
    int number = 0;
    int at = 0;
    while (at < text.length()) {
      final int found = text.indexOf('\n', at);
      final int end = found < 0 ? text.length() : found;
      number++;
      try {
        if (end - at > MAX_LINE) {
          throw new IllegalArgumentException("is longer than " + MAX_LINE + " characters");
        }
        final String line = text.substring(at, end).strip();
        if (line.equals("# EOF")) {
          break;
        }
        reader.line(line);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + number + " " + e.getMessage(), e);
      }
      at = end + 1;
    }
    return reader.samples;
  }

  private void line(final String line) {
    if (line.isEmpty()) {
      return;
    }
    if (line.startsWith("#")) {
      final String[] words = line.split("[ \t]+", 4);
      if (words.length == 4 && words[1].equals("TYPE")) {
        types.put(words[2], words[3]);
      }
      return;
    }
    final int nameEnd = Labels.metricNameEnd(line, 0);
    final String name = line.substring(0, nameEnd);
    if (!name.matches("[a-zA-Z_:][a-zA-Z0-9_:]*") || name.length() > Labels.MAX_NAME) {
      throw new IllegalArgumentException("does not begin with the name of a metric");
    }
    final Map<String, String> labels = new TreeMap<>();
    int at = Labels.skipBlanks(line, nameEnd);
    if (at < line.length() && line.charAt(at) == '{') {
      at = Labels.read(line, at, labels);
    }
    final String[] words = line.substring(at).strip().split("[ \t]+", 3);
    final double value = number(words[0]);
    if (words.length > 1 && !words[1].equals(EXEMPLAR)) {
      number(words[1]);
      if (words.length > 2 && !words[2].startsWith(EXEMPLAR)) {
        throw new IllegalArgumentException("has something behind its timestamp");
      }
    }
    if (samples.size() == MAX_SAMPLES) {
      throw new IllegalArgumentException("is one too many: " + MAX_SAMPLES + " samples are read");
    }
    samples.add(new MetricSample(name, labels, value, isCounter(name)));
  }

  /** By its type, or that of the histogram or summary that it is a part of. */
  private boolean isCounter(final String name) {
    final String type = types.get(name);
    if (type != null) {
      return type.equals("counter");
    }
    final int part = name.lastIndexOf('_');
    final String whole = part < 0 ? "" : name.substring(0, part);
    return switch (part < 0 ? "" : name.substring(part)) {
      case "_total" -> types.getOrDefault(whole, "counter").equals("counter");
      case "_sum", "_count", "_bucket" ->
          types.getOrDefault(whole, "").matches("histogram|summary");
      default -> false;
    };
  }

  private static double number(final String text) {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> {
        if (text.length() > MAX_NUMBER
            || !text.matches("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?")) {
          throw new IllegalArgumentException("has no number where its value ought to be");
        }
        yield Double.parseDouble(text);
      }
    };
  }
}
