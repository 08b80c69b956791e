package dev.shadowplane.control.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.monitor.PrometheusText.MetricSample;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Metrics are read as the formats of Prometheus have them, and nothing else is. */
class PrometheusTextTest {
  private static final String TEXT =
      """
      # HELP http_requests_total The total number of HTTP requests.
      # TYPE http_requests_total counter
      http_requests_total{method="post",code="200"} 1027 1395066363000
      http_requests_total{method="post",code="400",}    3 1395066363000

      # Escaping in label values:
      msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
      metric_without_timestamp_and_labels 12.47
      something_weird{problem="division by zero"} +Inf -3982045
      # TYPE http_request_duration_seconds histogram
      http_request_duration_seconds_bucket{le="+Inf"} 144320
      http_request_duration_seconds_sum 53423
      http_request_duration_seconds_count 144320
      # TYPE queue_count gauge
      queue_count NaN
      """;

  private static final String OPEN_METRICS =
      """
      # TYPE foo counter
      # UNIT foo seconds
      foo_total{a="b"} 17.0 1520879607.789 # {trace_id="x"} 0.67 1520879607.6
      foo_created{a="b"} 1520872607.123
      # TYPE bar summary
      bar_sum 1.5e-3 # {trace_id="y"} 1
      # EOF
      what comes after the end is not read
      """;

  @Test
  void readsTheTextFormat() {
    assertThat(PrometheusText.read(TEXT))
        .containsExactly(
            new MetricSample(
                "http_requests_total", Map.of("method", "post", "code", "200"), 1027, true),
            new MetricSample(
                "http_requests_total", Map.of("method", "post", "code", "400"), 3, true),
            new MetricSample(
                "msdos_file_access_time_seconds",
                Map.of("path", "C:\\DIR\\FILE.TXT", "error", "Cannot find file:\n\"FILE.TXT\""),
                1.458255915e9,
                false),
            new MetricSample("metric_without_timestamp_and_labels", Map.of(), 12.47, false),
            new MetricSample(
                "something_weird",
                Map.of("problem", "division by zero"),
                Double.POSITIVE_INFINITY,
                false),
            new MetricSample(
                "http_request_duration_seconds_bucket", Map.of("le", "+Inf"), 144_320, true),
            new MetricSample("http_request_duration_seconds_sum", Map.of(), 53_423, true),
            new MetricSample("http_request_duration_seconds_count", Map.of(), 144_320, true),
            new MetricSample("queue_count", Map.of(), Double.NaN, false));
  }

  @Test
  void readsOpenMetrics() {
    assertThat(PrometheusText.read(OPEN_METRICS))
        .containsExactly(
            new MetricSample("foo_total", Map.of("a", "b"), 17, true),
            new MetricSample("foo_created", Map.of("a", "b"), 1_520_872_607.123, false),
            new MetricSample("bar_sum", Map.of(), 0.0015, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          <html>            | line 1 does not begin with the name of a metric
          a                 | line 1 has no number
          a b               | line 1 has no number
          a 0x10            | line 1 has no number
          a 1d              | line 1 has no number
          a 1 2 3           | line 1 has something behind its timestamp
          a{b="c" 1         | line 1 label b is not followed by , or }
          a{b="c            | line 1 label b has a value that does not end
          a{b=c} 1          | line 1 label b has a value without quotes
          a{b="c",b="d"} 1  | line 1 label b is there twice: keep one
          a{b} 1            | line 1 label b has no value
          a{                | line 1 has labels that do not end
          a{="c"} 1         | line 1 has a label with no name
          a.b 1             | line 1 does not begin with the name of a metric
          """)
  void namesWhatIsWrong(final String text, final String problem) {
    assertThatThrownBy(() -> PrometheusText.read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(problem);
  }

  @Test
  void isBounded() {
    for (final String text :
        List.of(
            "a 1\n".repeat(PrometheusText.MAX_SAMPLES + 1),
            "#".repeat(PrometheusText.MAX_CHARACTERS + 1),
            "a{b=\"" + "x".repeat(257) + "\"} 1",
            "a".repeat(300) + " 1",
            "a " + "1".repeat(65),
            "a" + " ".repeat(20_000) + "1")) {
      assertThatThrownBy(() -> PrometheusText.read(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** Whatever is changed in a text, it is read or refused. */
  @Test
  void survivesAnything() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final String alphabet = "{}\",=\\# \n\t0123456789eE+-.NaIf_ab\u0000\u00e9\ud83d";
    for (int i = 0; i < 20_000; i++) {
      final StringBuilder text = new StringBuilder(random.nextBoolean() ? TEXT : OPEN_METRICS);
      for (int change = random.nextInt(1, 8); change > 0 && !text.isEmpty(); change--) {
        final int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
          default -> text.setLength(at + 1);
        }
      }
      try {
        assertThat(PrometheusText.read(text.toString()).size()).isLessThan(100);
      } catch (IllegalArgumentException e) {
        assertThat(e).as("seed %d: %s", seed, text).hasMessageMatching("(?s)line [0-9]+ .+");
      }
    }
  }
}
