package dev.shadowplane.control.monitor.history;

import dev.shadowplane.control.monitor.series.Sample;
import dev.shadowplane.control.monitor.series.SeriesKey;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the answer of a Prometheus server to a range query, {@code /api/v1/query_range}: from the
 * server, or from a file in which it was kept.
 */
public final class PrometheusHistory {
  private static final int MAX_BYTES = 32 << 20;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String NAME = "__name__";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private PrometheusHistory() {}

  /**
   * A range query.
   *
   * @param server where the server is, as in {@code http://127.0.0.1:9090}.
   * @param expression what is asked for, in PromQL.
   * @param fromSecond from when, in seconds since 1970.
   * @param toSecond to when.
   * @param stepSeconds the time between two values.
   */
  public record RangeQuery(
      URI server, String expression, long fromSecond, long toSecond, long stepSeconds) {}

  /**
   * Asks a server.
   *
   * @return what was measured, by series and time.
   * @throws HistoryException if it does not answer as such a server does.
   */
  public static Map<SeriesKey, List<Sample>> ask(final RangeQuery query) throws HistoryException {
    final URI uri =
        URI.create(
            query.server().toString().replaceFirst("/+$", "")
                + "/api/v1/query_range?query="
                + URLEncoder.encode(query.expression(), StandardCharsets.UTF_8)
                + "&start="
                + query.fromSecond()
                + "&end="
                + query.toSecond()
                + "&step="
                + query.stepSeconds());
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
      // What is wrong with a query is in the answer, whatever its status.
      final HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(),
              HttpResponse.BodyHandlers.limiting(
                  HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_BYTES));
      return parse(query.server().toString(), answer.body());
    } catch (IOException e) {
      throw new HistoryException(query.server() + " cannot be asked (" + e + ")", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HistoryException("interrupted", e);
    }
  }

  /**
   * Reads a kept answer.
   *
   * @param file JSON, 32 MiB at most.
   * @return what was measured, by series and time.
   * @throws HistoryException if it is none.
   */
  public static Map<SeriesKey, List<Sample>> read(final Path file) throws HistoryException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new HistoryException(file + " has more than 32 MiB: ask for less time at once");
      }
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new HistoryException(file + " cannot be read (" + e + ")", e);
    }
  }

  private static Map<SeriesKey, List<Sample>> parse(final String source, final String text)
      throws HistoryException {
    final JsonNode answer;
    try {
      answer = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new HistoryException(
          source + " is no answer of Prometheus: " + e.getOriginalMessage(), e);
    }
    if (!answer.path("status").asString("").equals("success")) {
      throw new HistoryException(
          source + " answered: " + answer.path("error").asString("no status 'success'"));
    }
    final JsonNode data = answer.path("data");
    if (!data.path("resultType").asString("").equals("matrix")) {
      throw new HistoryException(source + " answered no range query: ask /api/v1/query_range");
    }
    final Map<SeriesKey, List<Sample>> history = new LinkedHashMap<>();
    final List<String> problems = new ArrayList<>();
    for (final JsonNode series : data.path("result")) {
      try {
        final SeriesKey key = key(series.path("metric"));
        if (history.put(key, samples(series.path("values"))) != null) {
          throw new IllegalArgumentException("is there twice");
        }
      } catch (IllegalArgumentException e) {
        problems.add(Timestamp.shown(series.path("metric").toString()) + " " + e.getMessage());
      }
    }
    if (history.isEmpty() && problems.isEmpty()) {
      problems.add("no series are in the answer");
    }
    if (!problems.isEmpty()) {
      throw HistoryException.of(source, problems);
    }
    return history;
  }

  /** What an expression computes has no name: it is called {@code expression}. */
  private static SeriesKey key(final JsonNode metric) {
    final Map<String, String> labels = new TreeMap<>();
    metric.properties().forEach(label -> labels.put(label.getKey(), label.getValue().asString("")));
    final String name = labels.remove(NAME);
    return SeriesKey.of(name == null ? "expression" : name, labels);
  }

  private static List<Sample> samples(final JsonNode values) {
    final List<Sample> samples = new ArrayList<>();
    for (final JsonNode pair : values) {
      final JsonNode time = pair.path(0);
      if (!time.isNumber() || !pair.path(1).isString()) {
        throw new IllegalArgumentException("has a value that is not [TIME, \"NUMBER\"]");
      }
      // Prometheus tells of what it does not know by NaN and infinity: it is missing.
      final String text = pair.path(1).stringValue();
      if (text.matches("NaN|[+-]?Inf")) {
        continue;
      }
      try {
        final double value = Double.parseDouble(text);
        if (Double.isFinite(value)) {
          samples.add(new Sample((long) Math.floor(time.doubleValue()), value));
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + Timestamp.shown(text) + "' is no number", e);
      }
    }
    samples.sort(Comparator.comparingLong(Sample::second));
    return samples;
  }
}
