package dev.shadowplane.control.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a feed writes is what control reads, across restarts, rotation and damage. */
final class FeedReportTest {
  @TempDir Path root;

  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectories(root.resolve("web/agents/feed/report"));
  }

  private static Exchange exchange(final String request) {
    return new Exchange(
        1_700_000_000_123_456_789L,
        "web",
        "10.0.0.1:40000",
        request,
        new Answer(200, 5, "aa", 1_000_000),
        new Answer(404, 5, "aa", 2_000_000));
  }

  private List<FeedReports.Line> differences(final long after, final int limit) throws IOException {
    final FeedReports reports = new FeedReports(root);
    return reports.differences(reports.status("web").orElseThrow(), false, after, limit);
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    try (FeedReport report = new FeedReport(folder)) {
      report.add(exchange("GET /1"), EnumSet.of(DifferenceKind.STATUS));
      report.add(exchange("GET /2"), Set.of());
      report.add(exchange("GET /3"), EnumSet.of(DifferenceKind.STATUS));
      report.status(
          Map.of(
              "agent", "feed", "shadow", "web", "behind_ms", 1.5, "sessions", Map.of("seen", 7)));
    }
    final FeedReports reports = new FeedReports(root);
    final FeedReports.Status status = reports.status("web").orElseThrow();
    assertThat(status.counts()).containsExactly(Map.entry("sessions.seen", 7L));
    assertThat(status.texts()).containsEntry("shadow", "web");
    assertThat(status.behindMs()).isEqualTo(1.5);
    assertThat(status.lastDifference()).isEqualTo(2);
    assertThat(differences(0, 10))
        .extracting(line -> line.fields().get("request").getAsString())
        .containsExactly("GET /1", "GET /3");
    assertThat(differences(1, 10)).extracting(FeedReports.Line::number).containsExactly(2L);
    assertThat(differences(0, 1)).extracting(FeedReports.Line::number).containsExactly(1L);
    assertThat(reports.differences(status, true, 0, 10))
        .extracting(line -> line.fields().get("request").getAsString())
        .containsExactly("GET /2");
    assertThat(differences(0, 1).getFirst().fields())
        .hasToString(
            "{\"number\":1,\"time\":\"2023-11-14T22:13:20.123456789Z\",\"service\":\"web\","
                + "\"client\":\"10.0.0.1:40000\",\"request\":\"GET /1\",\"kinds\":[\"status\"],"
                + "\"primary\":{\"status\":200,\"bytes\":5,\"sha256\":\"aa\",\"latency_us\":1000},"
                + "\"shadow\":{\"status\":404,\"bytes\":5,\"sha256\":\"aa\",\"latency_us\":2000}}");
  }

  @Test
  void numbersGoOnBehindALineThatWasCutOff() throws IOException {
    try (FeedReport report = new FeedReport(folder)) {
      report.add(exchange("GET /1"), EnumSet.of(DifferenceKind.STATUS));
    }
    Files.writeString(
        folder.resolve("differences.jsonl"), "{\"number\":2,\"ti", StandardOpenOption.APPEND);
    try (FeedReport report = new FeedReport(folder)) {
      report.add(exchange("GET /2"), EnumSet.of(DifferenceKind.STATUS));
      report.status(Map.of("agent", "feed"));
    }
    assertThat(differences(0, 10)).extracting(FeedReports.Line::number).containsExactly(1L, 2L);
  }

  @Test
  void theNewestAreKept() throws IOException {
    final String long200 = "x".repeat(200);
    long written = 0;
    long last = 0;
    try (FeedReport report = new FeedReport(folder)) {
      while (written < 3 * FeedReport.MAX_BYTES) {
        report.add(exchange(long200), EnumSet.of(DifferenceKind.STATUS));
        written += 400;
        last++;
      }
      report.status(Map.of("agent", "feed"));
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "differences.jsonl", "differences.1.jsonl", "slow.jsonl", "status.json");
    }
    assertThat(Files.size(folder.resolve("differences.1.jsonl")))
        .isBetween(FeedReport.MAX_BYTES, FeedReport.MAX_BYTES + 1_000);
    assertThat(differences(last - 1, 10))
        .extracting(FeedReports.Line::number)
        .containsExactly(last);
    final List<FeedReports.Line> oldest = differences(0, 2);
    assertThat(oldest.getFirst().number()).isGreaterThan(1);
    assertThat(oldest.getLast().number()).isEqualTo(oldest.getFirst().number() + 1);
  }

  @Test
  void whatIsNoReportIsPassedOver() throws IOException {
    final FeedReports reports = new FeedReports(root);
    assertThat(reports.status("web")).isEmpty();
    assertThat(reports.status("other")).isEmpty();
    assertThatThrownBy(() -> reports.status("../web")).isInstanceOf(IllegalArgumentException.class);
    for (final String text :
        List.of("", "[1]", "{", "{\"agent\":3}", "null", "x".repeat(2 << 20))) {
      Files.writeString(folder.resolve("status.json"), text);
      assertThat(reports.status("web")).as(text).isEmpty();
    }
    Files.writeString(folder.resolve("status.json"), "{\"agent\":\"feed\",\"a\":{\"b\":true}}");
    Files.writeString(
        folder.resolve("differences.jsonl"),
        "x\n[]\n{\"number\":\"a\"}\n{\"number\":{}}\n{}\n{\"number\":4}\n");
    assertThat(differences(0, 10)).extracting(FeedReports.Line::number).containsExactly(4L);
  }

  @Test
  void thePositionSurvivesAnEndWithoutClosing() throws IOException {
    final Path file = folder.resolve("position");
    try (FeedPosition position = new FeedPosition(file)) {
      assertThat(position.resumedNs()).isZero();
      position.begins(500);
      position.begins(300);
      position.begins(400);
      position.ended();
      // Another process would see this when this one is killed here.
      try (FeedPosition next = new FeedPosition(file)) {
        assertThat(next.resumedNs()).isEqualTo(500);
        assertThat(next.lost()).isEqualTo(2);
      }
    }
    Files.writeString(file, "something else, of any length");
    try (FeedPosition position = new FeedPosition(file)) {
      assertThat(position.resumedNs()).isZero();
      assertThat(position.lost()).isZero();
    }
  }
}
