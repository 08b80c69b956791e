package dev.shadowplane.control.monitor.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.shadowplane.control.monitor.history.PrometheusHistory.RangeQuery;
import dev.shadowplane.control.monitor.series.Sample;
import dev.shadowplane.control.monitor.series.SeriesKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** History is read as a whole, or everything that is wrong with it is named. */
class HistoryTest {
  private static final String ANSWER =
      """
      {"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"up","job":"prometheus","instance":"localhost:9090"},
         "values":[[1435781430.781,"1"],[1435781445.781,"1"],[1435781460.781,"NaN"]]},
        {"metric":{"job":"node"},"values":[[1435781445,"0.5"],[1435781430,"+Inf"]]}]}}
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "1396448940, 1396448940",
    "1396448940.75, 1396448940",
    "1396448940123, 1396448940",
    "1396448940123456, 1396448940",
    "1396448940123456789, 1396448940",
    "2014-04-02 14:29:00, 1396448940",
    "2014-04-02T14:29:00Z, 1396448940",
    "2014-04-02T14:29:00.5Z, 1396448940",
    "2014-04-02T16:29:00+02:00, 1396448940",
    "2014-04-02 16:29:00+0200, 1396448940",
    "2014-04-02 14:29:00.000000, 1396448940",
    "2014-04-02, 1396396800",
    "0, 0",
  })
  void readsTimes(final String text, final long seconds) {
    assertThat(Timestamp.seconds(text)).isEqualTo(seconds);
  }

  @ParameterizedTest
  @CsvSource({"tomorrow", "2014-13-02", "2014-04-02T25:00:00Z", "-5", "1e9", "''", "12:00:00"})
  void refusesWhatIsNoTime(final String text) {
    assertThatThrownBy(() -> Timestamp.seconds(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no time");
  }

  private Path csv(final String text) throws IOException {
    return Files.writeString(folder.resolve("history.csv"), text);
  }

  @Test
  void readsCsv() throws Exception {
    assertThat(
            CsvHistory.read(
                csv(
                    "\uFEFFhost,timestamp,\"value\"\r\na,2014-04-02 14:29:00,0.066\r\n\r\na,1396448880,\"-1e3\"\r\n"),
                "timestamp",
                "value"))
        .containsExactly(new Sample(1_396_448_880, -1_000), new Sample(1_396_448_940, 0.066));
    assertThat(CsvHistory.read(csv("5,1\n6,2"), "timestamp", "value"))
        .containsExactly(new Sample(5, 1), new Sample(6, 2));
    assertThat(CsvHistory.read(csv("a,b,c\n1,5,7\n"), "b", "c")).containsExactly(new Sample(5, 7));
  }

  @Test
  void namesEveryLineThatIsWrong() throws Exception {
    final Path file = csv("timestamp,value\n1,1\nx,2\n3,y\n4\n5,NaN\n6,\"7\n8,8\n");
    assertThatThrownBy(() -> CsvHistory.read(file, "timestamp", "value"))
        .isInstanceOf(HistoryException.class)
        .hasMessage(
            file
                + ": line 3: 'x' is no time: write 2026-11-20T10:00:00Z, or seconds since 1970; line 4: 'y' is no number;"
                + " line 5: has 1 columns only; line 6: 'NaN' is not finite; line 7: has a quote that does not end;"
                + " nothing was imported");
  }

  @Test
  void namesTheFirstOfManyLines() throws Exception {
    final Path file = csv("x,1\n".repeat(5_000));
    assertThatThrownBy(() -> CsvHistory.read(file, "timestamp", "value"))
        .isInstanceOf(HistoryException.class)
        .hasMessageContaining("line 20: ")
        .hasMessageContaining("; and 980 more; nothing was imported")
        .hasMessageNotContaining("line 21: ");
  }

  @Test
  void refusesWhatHoldsNothing() throws Exception {
    for (final String text : List.of("", "timestamp,value\n", "a,b\n1,1\n")) {
      final Path file = csv(text);
      assertThatThrownBy(() -> CsvHistory.read(file, "timestamp", "value"))
          .isInstanceOf(HistoryException.class)
          .hasMessageEndingWith("nothing was imported");
    }
    assertThatThrownBy(() -> CsvHistory.read(folder.resolve("none"), "timestamp", "value"))
        .isInstanceOf(HistoryException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void readsAKeptAnswer() throws Exception {
    final Path file = Files.writeString(folder.resolve("answer.json"), ANSWER);
    assertThat(PrometheusHistory.read(file)).isEqualTo(answered());
  }

  private static Map<SeriesKey, List<Sample>> answered() {
    return Map.of(
        SeriesKey.parse("up{instance=\"localhost:9090\",job=\"prometheus\"}"),
        List.of(new Sample(1_435_781_430, 1), new Sample(1_435_781_445, 1)),
        SeriesKey.parse("expression{job=\"node\"}"),
        List.of(new Sample(1_435_781_445, 0.5)));
  }

  @Test
  void asksAServer() throws Exception {
    final AtomicReference<String> asked = new AtomicReference<>();
    final HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.set(exchange.getRequestURI().toString());
          final byte[] body = ANSWER.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      final URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      assertThat(PrometheusHistory.ask(new RangeQuery(uri, "rate(x{a=\"b\"}[5m])", 10, 20, 5)))
          .isEqualTo(answered());
      assertThat(asked.get())
          .isEqualTo(
              "/api/v1/query_range?query=rate%28x%7Ba%3D%22b%22%7D%5B5m%5D%29&start=10&end=20&step=5");
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          <html>                                                                     | is no answer of Prometheus
          {"status":"error","errorType":"bad_data","error":"parse error"}            | answered: parse error
          {"status":"success","data":{"resultType":"vector","result":[]}}            | answered no range query
          {"status":"success","data":{"resultType":"matrix","result":[]}}            | no series are in the answer
          {"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"a b"},"values":[]}]}} | is no name of a series
          {"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,2]]}]}} | has a value that is not [TIME, "NUMBER"]
          {"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"x"]]}]}} | 'x' is no number
          """)
  void refusesOtherAnswers(final String text, final String problem) throws Exception {
    final Path file = Files.writeString(folder.resolve("answer.json"), text);
    assertThatThrownBy(() -> PrometheusHistory.read(file))
        .isInstanceOf(HistoryException.class)
        .hasMessageContaining(problem);
  }
}
