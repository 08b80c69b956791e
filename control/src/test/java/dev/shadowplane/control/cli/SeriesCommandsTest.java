package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.ControlConfig;
import dev.shadowplane.control.api.ControlServer;
import dev.shadowplane.control.api.FakeDataPlane;
import dev.shadowplane.control.api.Json;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands about series and usage as a user types them, against a running control. */
@Timeout(60)
class SeriesCommandsTest {
  @TempDir private static Path folder;
  private static Path config;
  private static ControlServer server;
  private static FakeDataPlane dataPlane;

  @BeforeAll
  static void start() throws Exception {
    final int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    config =
        Files.writeString(
            folder.resolve("control.yaml"),
            "directory: %s\nstate: %s\nlisten: 127.0.0.1:%d\nmonitoring: { max-series: 200 }\n"
                .formatted(folder.resolve("shm"), folder.resolve("state"), port));
    dataPlane = new FakeDataPlane(folder.resolve("shm"), folder.resolve("data"));
    dataPlane.count(CounterTypes.PORT, "port.client.link-up", 1);
    dataPlane.count(CounterTypes.PORT, "port.client.rx-packets@0", 5);
    dataPlane.count(CounterTypes.PORT, "port.client.rx-packets@1", 6);
    server = ControlServer.start(ControlConfig.load(config));
  }

  @AfterAll
  static void stop() {
    server.close();
    dataPlane.close();
  }

  private static Outcome run(final String... arguments) {
    return Outcome.of(
        Stream.concat(Stream.of(arguments), Stream.of("--control-config", config.toString()))
            .toArray(String[]::new));
  }

  private static List<?> rows(final String name, final Outcome outcome) {
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    return (List<?>) Objects.requireNonNull(Json.object(outcome.out()).get(name));
  }

  @Test
  void measuresPortsOfTheDataPlane() {
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    Outcome listed = run("series", "ls", "port.*{port=\"client\"}", "--format", "csv");
    while (!listed.out().contains("port.rx-packets")) {
      assertThat(System.nanoTime()).as("measured within 30 s").isLessThan(end);
      LockSupport.parkNanos(10_000_000);
      listed = run("series", "ls", "port.*{port=\"client\"}", "--format", "csv");
    }
    assertThat(listed.out().lines().skip(1).map(line -> line.replaceAll(",[^,]*Z,", ",")))
        .containsExactly(
            "\"port.link-up{port=\"\"client\"\"}\",1.0",
            "\"port.rx-packets{port=\"\"client\"\"}\",0.0");
    final List<?> points =
        rows(
            "points",
            run(
                "series",
                "query",
                "port.link-up{port=\"client\"}",
                "--step",
                "1s",
                "--format",
                "json"));
    assertThat(points)
        .isNotEmpty()
        .allSatisfy(point ->
            assertThat((Map<?, ?>) point)
                .extracting("min", "mean", "max", "last", "count")
                .containsExactly(1.0, 1.0, 1.0, 1.0, 1L));
    assertThat(rows("sources", run("series", "sources", "--format", "json")))
        .<Object>extracting(source -> ((Map<?, ?>) source).get("problem"))
        .containsExactly("", "");
  }

  @Test
  void importsCsvAndShowsIt() throws Exception {
    final Instant hour =
        Instant.ofEpochSecond(System.currentTimeMillis() / 3_600_000 * 3_600 - 2 * 86_400);
    final Path file =
        Files.writeString(
            folder.resolve("requests.csv"),
            "timestamp,value\n%s,1\n%s,4\n%s,10\n"
                .formatted(hour, hour.plusSeconds(30).getEpochSecond(), hour.plusSeconds(60)));
    assertThat(
            rows(
                "imported",
                run(
                    "series",
                    "import",
                    "requests{a=\"b\"}",
                    "--csv",
                    file.toString(),
                    "--format",
                    "json")))
        .isEqualTo(List.of(Map.of("series", 1L, "points", 3L)));
    assertThat(
            run(
                    "series",
                    "query",
                    "requests{a=\"b\"}",
                    "--from",
                    hour.toString(),
                    "--to",
                    hour.plusSeconds(3_600).toString(),
                    "--format",
                    "csv")
                .out()
                .lines())
        .containsExactly(
            "time,step_seconds,min,mean,max,last,count",
            hour + ",60,1.0,2.5,4.0,4.0,2",
            hour.plusSeconds(60) + ",60,10.0,10.0,10.0,10.0,1");
    assertThat(
            run(
                    "series",
                    "query",
                    "requests{a=\"b\"}",
                    "--last",
                    "4d",
                    "--step",
                    "1h",
                    "--format",
                    "csv")
                .out()
                .lines()
                .skip(1))
        .containsExactly(hour + ",3600,1.0,5.0,10.0,10.0,3");
  }

  /** Measurements of long ago are taken as those of lately. */
  @Test
  void movesHistoryInTime() throws Exception {
    final Path file =
        Files.writeString(
            folder.resolve("old.csv"), "2014-04-02 14:29:00,1\n2014-04-02 14:34:00,2\n");
    final Outcome refused = run("series", "import", "old", "--csv", file.toString());
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .startsWith(
            "shadowplane: old has a point at 2014-04-02T14:29:00Z: points are kept for 13 months");
    rows(
        "imported",
        run(
            "series",
            "import",
            "old",
            "--csv",
            file.toString(),
            "--end",
            "now",
            "--format",
            "json"));
    assertThat(run("series", "query", "old", "--format", "csv").out().lines().skip(1)).hasSize(2);
  }

  @Test
  void importsAnAnswerOfPrometheus() throws Exception {
    final long now = System.currentTimeMillis() / 1_000;
    final Path file =
        Files.writeString(
            folder.resolve("answer.json"),
            ("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":"
                    + "{\"__name__\":\"up\",\"job\":\"j\"},\"values\":[[%d,\"1\"],[%d,\"0\"]]}]}}")
                .formatted(now - 120, now - 60));
    rows(
        "imported",
        run("series", "import", "--prometheus-file", file.toString(), "--format", "json"));
    assertThat(run("series", "query", "up{job=\"j\"}", "--format", "csv").out().lines().skip(1))
        .hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          2 | series query a{                        | series 'a{' has labels that do not end
          2 | series ls a*b                          | selector 'a*b' selects nothing
          2 | series query host.cpu.cores --last 300d --step 1500ms | --step takes whole seconds
          2 | series query host.cpu.cores --last 500d --step 1h --from x | --from 'x' is no time
          1 | series query nothing                   | there is no series nothing: list the series
          1 | monitor nothing                        | no network or shadow nothing is monitored
          2 | series import a --csv /nowhere         | /nowhere cannot be read
          2 | series import --csv /nowhere           | --csv needs the name of the series
          2 | series import a{b --csv /nowhere       | 'a{b' label b has no value
          2 | series import --prometheus http://x    | --prometheus needs --query
          2 | series import --prometheus x --query y | --prometheus is no URL
          """)
  void saysWhatIsWrong(final int status, final String command, final String problem) {
    final Outcome outcome = run(command.split(" "));
    assertThat(outcome.err()).contains(problem).hasLineCount(1);
    assertThat(outcome.status()).isEqualTo(status);
  }
}
