package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.GetSessionStatusRequest;
import dev.shadowplane.control.v1.ListDifferencesRequest;
import dev.shadowplane.control.v1.ListDifferencesResponse;
import dev.shadowplane.control.v1.SessionAnswer;
import dev.shadowplane.control.v1.SessionDifference;
import dev.shadowplane.control.v1.SessionStatus;
import dev.shadowplane.control.v1.WatchDifferencesRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows where a shadow's services answer otherwise than production's. */
@Command(
    name = "differences",
    description = {
      "Shows the requests that a shadow's services answered otherwise than production's: in status, size or content,"
          + " or not at all. With --slow, equal answers that took much longer."
    },
    footer = {"", "Example: shadowplane differences --shadow web-shadow --format json"})
final class DifferencesCommand implements Callable<Integer> {
  private static final int MAX_LIMIT = 100_000;
  private static final int MAX_PAGE = 1_000;

  @Option(names = "--shadow", required = true, paramLabel = "NAME", description = "The shadow.")
  private String shadow = "";

  @Option(
      names = "--limit",
      defaultValue = "1000",
      paramLabel = "N",
      description = "How many, the oldest first, 1 to 100,000; default ${DEFAULT-VALUE}.")
  private int limit;

  @Option(names = "--slow", description = "Equal answers that took much longer, instead.")
  private boolean slow;

  @Option(
      names = "--follow",
      description =
          "Show those that come from now on, until interrupted; JSON is one object a line.")
  private boolean follow;

  @Mixin private final OutputOption output = new OutputOption();

  @Mixin private final ControlOption control = new ControlOption();

  @Override
  public Integer call() throws Exception {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw CommandFailure.input("--limit is " + limit + ": write 1 to " + MAX_LIMIT);
    }
    if (follow && slow) {
      throw CommandFailure.input("--follow shows no slow answers: leave one of them out");
    }
    try (ControlConnection connection = control.connect()) {
      if (follow) {
        follow(connection);
      } else {
        list(connection);
      }
    }
    return 0;
  }

  private void list(final ControlConnection connection) throws CommandFailure {
    final List<SessionDifference> all = new ArrayList<>();
    String token = "";
    while (all.size() < limit) {
      final ListDifferencesRequest request =
          ListDifferencesRequest.newBuilder()
              .setShadow(shadow)
              .setSlow(slow)
              .setPageSize(Math.min(MAX_PAGE, limit - all.size()))
              .setPageToken(token)
              .build();
      final ListDifferencesResponse page =
          connection.callSessions(stub -> stub.listDifferences(request));
      if (page.getDifferencesCount() == 0) {
        break;
      }
      all.addAll(page.getDifferencesList());
      token = page.getNextPageToken();
    }
    final GetSessionStatusRequest request =
        GetSessionStatusRequest.newBuilder().setShadow(shadow).build();
    final SessionStatus status =
        connection.callSessions(stub -> stub.getSessionStatus(request)).getStatus();
    final Table table = table(all);
    final Map<String, Object> head = new LinkedHashMap<>();
    head.put("started", status.getStarted());
    head.put("updated", status.getUpdated());
    head.put("position", status.getPosition());
    head.put("behind_ms", status.getBehindMs());
    head.put("counts", new TreeMap<>(status.getCountsMap()));
    output.print(table.with("status", head));
    output.note(words(status));
  }

  private static String words(final SessionStatus status) {
    final Map<String, Long> counts = status.getCountsMap();
    final StringBuilder words = new StringBuilder();
    words
        .append(counts.getOrDefault("requests.compared", 0L))
        .append(" requests compared, ")
        .append(counts.getOrDefault("requests.different", 0L))
        .append(" different, ")
        .append(counts.getOrDefault("requests.slow", 0L))
        .append(" slow; ")
        .append(counts.getOrDefault("sessions.seen", 0L))
        .append(" sessions seen, ")
        .append(counts.getOrDefault("sessions.driven", 0L))
        .append(" driven");
    final List<String> reasons = new ArrayList<>();
    new TreeMap<>(counts)
        .forEach((name, count) -> {
          if (count > 0 && name.startsWith("sessions.not_driven.")) {
            reasons.add(name.substring("sessions.not_driven.".length()) + " " + count);
          }
        });
    if (!reasons.isEmpty()) {
      words.append("; not driven: ").append(String.join(", ", reasons));
    }
    return words.toString();
  }

  private void follow(final ControlConnection connection) throws CommandFailure {
    final WatchDifferencesRequest request =
        WatchDifferencesRequest.newBuilder().setShadow(shadow).build();
    connection.streamSessions(
        stub -> stub.watchDifferences(request),
        news -> {
          if (news.getDifferencesCount() > 0) {
            output.printNext(table(news.getDifferencesList()));
          }
        });
  }

  private static Table table(final List<SessionDifference> differences) {
    final Table table =
        new Table(
            "differences",
            List.of(
                "number",
                "time",
                "service",
                "client",
                "request",
                "kinds",
                "status",
                "bytes",
                "latency-us"));
    for (final SessionDifference difference : differences) {
      final Map<String, Object> row = new LinkedHashMap<>();
      row.put("number", difference.getNumber());
      row.put("time", difference.getTime());
      row.put("service", difference.getService());
      row.put("client", difference.getClient());
      row.put("request", difference.getRequest());
      row.put("kinds", difference.getKindsList());
      final SessionAnswer primary = difference.getPrimary();
      final SessionAnswer answer = difference.getShadow();
      final boolean answered = difference.hasShadow();
      row.put("status", both(primary.getStatus(), answered, answer.getStatus()));
      row.put("bytes", both(primary.getBytes(), answered, answer.getBytes()));
      row.put("latency-us", both(primary.getLatencyUs(), answered, answer.getLatencyUs()));
      row.put("sha256", List.of(primary.getSha256(), answer.getSha256()));
      table.add(row);
    }
    return table;
  }

  /** Production's and the shadow's; JSON has a list of two or one. */
  private static List<Long> both(final long primary, final boolean answered, final long shadow) {
    return answered ? List.of(primary, shadow) : List.of(primary);
  }
}
