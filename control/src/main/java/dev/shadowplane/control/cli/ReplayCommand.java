package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.Json;
import dev.shadowplane.control.api.ReplayObject;
import dev.shadowplane.control.v1.ListReplaysRequest;
import dev.shadowplane.control.v1.PauseReplayRequest;
import dev.shadowplane.control.v1.ReplayStatus;
import dev.shadowplane.control.v1.ResumeReplayRequest;
import dev.shadowplane.control.v1.SeekReplayRequest;
import dev.shadowplane.control.v1.StartReplayRequest;
import dev.shadowplane.control.v1.StopReplayRequest;
import dev.shadowplane.control.v1.WatchReplayRequest;
import dev.shadowplane.control.v1.WatchReplayResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Replays frames: the data plane's replays, and one in this process. */
@Command(
    name = "replay",
    synopsisSubcommandLabel = "COMMAND",
    description = "Sends frames of a journal or a capture file again, at their times.",
    subcommands = {ReplayRunCommand.class})
final class ReplayCommand {
  private static final List<String> COLUMNS =
      List.of(
          "name", "state", "source", "target", "timing", "sent", "dropped", "late", "error_p99_ns");

  @Spec private CommandSpec spec;

  /** Where frames come from. */
  static final class Source {
    @Option(
        names = "--file",
        required = true,
        paramLabel = "NAME",
        description = "A capture file in the folder that the data plane's configuration names.")
    private @Nullable String file;

    @ArgGroup(exclusive = false)
    private @Nullable Window window;
  }

  /** A part of the journal. */
  static final class Window {
    @Option(names = "--journal", required = true, description = "The data plane's journal.")
    private boolean journal;

    @Option(
        names = "--from",
        paramLabel = "TIME",
        description = "Its frames from then on: 2026-11-20T10:00:00Z, or nanoseconds since 1970.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Its frames before that time.")
    private @Nullable String to;

    @Option(names = "--follow", description = "Also what is journaled from now on.")
    private boolean follow;
  }

  @Command(
      name = "start",
      description = "Starts a replay in the data plane.",
      footer = {
        "",
        "Example: shadowplane replay start incident --file incident.pcapng --target port:shadow --speed 2"
      })
  int start(
      @Parameters(paramLabel = "NAME", description = "A name of its own.") final String name,
      @ArgGroup(multiplicity = "1") final Source source,
      @Option(
              names = "--target",
              required = true,
              paramLabel = "TARGET",
              description = "Where the frames go: port:NAME or collector:NAME.")
          final String target,
      @Option(
              names = "--rewrite",
              paramLabel = "NAME",
              description = "The map, in the data plane's configuration, of addresses to replace.")
          final @Nullable String rewrite,
      @ArgGroup(exclusive = false) final @Nullable ReplayOptions how,
      @Mixin final ControlOption control)
      throws Exception {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", name);
    object.put("target", target);
    final @Nullable Window window = source.window;
    if (window == null) {
      object.put("file", String.valueOf(source.file));
    } else {
      object.put("journal", window.journal);
      object.put("follow", window.follow);
      if (window.from != null) {
        object.put("from", TimeArgument.nanoseconds("--from", window.from));
      }
      if (window.to != null) {
        object.put("to", TimeArgument.nanoseconds("--to", window.to));
      }
    }
    if (rewrite != null) {
      object.put("rewrite", rewrite);
    }
    object.putAll((how == null ? new ReplayOptions() : how).object());
    final StartReplayRequest request;
    try {
      request = ReplayObject.read(object);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
    try (ControlConnection connection = control.connect()) {
      say(connection.callReplays(stub -> stub.startReplay(request)).getReplay());
    }
    return 0;
  }

  @Command(name = "pause", description = "Holds a replay where it is.")
  int pause(@Parameters(paramLabel = "NAME") final String name, @Mixin final ControlOption control)
      throws Exception {
    final PauseReplayRequest request = PauseReplayRequest.newBuilder().setName(name).build();
    try (ControlConnection connection = control.connect()) {
      say(connection.callReplays(stub -> stub.pauseReplay(request)).getReplay());
    }
    return 0;
  }

  @Command(name = "resume", description = "Lets a replay go on that was held.")
  int resume(@Parameters(paramLabel = "NAME") final String name, @Mixin final ControlOption control)
      throws Exception {
    final ResumeReplayRequest request = ResumeReplayRequest.newBuilder().setName(name).build();
    try (ControlConnection connection = control.connect()) {
      say(connection.callReplays(stub -> stub.resumeReplay(request)).getReplay());
    }
    return 0;
  }

  /** A place in a source. */
  static final class Place {
    @Option(
        names = "--to",
        required = true,
        paramLabel = "TIME",
        description = "The time of a frame: 2026-11-20T10:00:00Z, or nanoseconds since 1970.")
    private @Nullable String time;

    @Option(
        names = "--offset-ms",
        required = true,
        paramLabel = "MS",
        description = "Since the first frame.")
    private @Nullable Long offsetMs;
  }

  @Command(name = "seek", description = "Lets a replay go on from another place of its source.")
  int seek(
      @Parameters(paramLabel = "NAME") final String name,
      @ArgGroup(multiplicity = "1") final Place place,
      @Mixin final ControlOption control)
      throws Exception {
    final SeekReplayRequest.Builder request = SeekReplayRequest.newBuilder().setName(name);
    if (place.time != null) {
      request.setTimeNs(TimeArgument.nanoseconds("--to", place.time));
    } else if (place.offsetMs != null) {
      request.setOffsetNs(TimeUnit.MILLISECONDS.toNanos(place.offsetMs));
    }
    try (ControlConnection connection = control.connect()) {
      say(connection.callReplays(stub -> stub.seekReplay(request.build())).getReplay());
    }
    return 0;
  }

  @Command(name = "stop", description = "Ends a replay.")
  int stop(@Parameters(paramLabel = "NAME") final String name, @Mixin final ControlOption control)
      throws Exception {
    final StopReplayRequest request = StopReplayRequest.newBuilder().setName(name).build();
    try (ControlConnection connection = control.connect()) {
      say(connection.callReplays(stub -> stub.stopReplay(request)).getReplay());
    }
    return 0;
  }

  @Command(name = "list", description = "Lists replays, those that are over too.")
  int list(@Mixin final ControlOption control, @Mixin final OutputOption output) throws Exception {
    final Table table = new Table("replays", COLUMNS);
    try (ControlConnection connection = control.connect()) {
      connection
          .callReplays(stub -> stub.listReplays(ListReplaysRequest.getDefaultInstance()))
          .getReplaysList()
          .forEach(replay -> table.add(row(replay)));
    }
    output.print(table);
    return 0;
  }

  @Command(name = "watch", description = "Shows a replay again and again until it is over.")
  int watch(
      @Parameters(paramLabel = "NAME") final String name,
      @Option(
              names = "--interval-ms",
              defaultValue = "1000",
              paramLabel = "MS",
              description = "Between two lines, 100 to 60,000; default ${DEFAULT-VALUE}.")
          final int intervalMs,
      @Option(
              names = "--format",
              defaultValue = "text",
              description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
          final SummaryFormat format,
      @Mixin final ControlOption control)
      throws Exception {
    final WatchReplayRequest request =
        WatchReplayRequest.newBuilder().setName(name).setIntervalMs(intervalMs).build();
    try (ControlConnection connection = control.connect()) {
      connection.<WatchReplayResponse>streamReplays(
          stub -> stub.watchReplay(request),
          next -> {
            if (format == SummaryFormat.json) {
              line(Json.write(row(next.getReplay())));
            } else {
              say(next.getReplay());
            }
          });
    }
    return 0;
  }

  private static Map<String, Object> row(final ReplayStatus replay) {
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", replay.getName());
    row.put("state", replay.getState());
    row.put("source", replay.getSource());
    row.put("target", replay.getTarget());
    row.put("timing", replay.getTiming());
    row.put("sent", replay.getCountersOrDefault("sent", 0));
    row.put("dropped", sum(replay, "dropped."));
    row.put("late", sum(replay, "late."));
    row.put("error_p99_ns", replay.getCountersOrDefault("error-p99-ns", 0));
    row.put("link_up", replay.getLinkUp());
    row.put("problem", replay.getProblem());
    row.put("counters", replay.getCountersMap());
    return row;
  }

  private static long sum(final ReplayStatus replay, final String prefix) {
    return replay.getCountersMap().entrySet().stream()
        .filter(counter -> counter.getKey().startsWith(prefix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private void say(final ReplayStatus replay) {
    line(
        replay.getName()
            + ": "
            + replay.getState()
            + ", "
            + replay.getCountersOrDefault("sent", 0)
            + " sent, "
            + sum(replay, "dropped.")
            + " dropped, "
            + sum(replay, "late.")
            + " late, at "
            + TimeUnit.NANOSECONDS.toMillis(replay.getCountersOrDefault("position-ns", 0))
            + " ms"
            + (replay.getLinkUp() ? "" : ", the port is down")
            + (replay.getProblem().isEmpty() ? "" : ": " + replay.getProblem()));
  }

  private void line(final String line) {
    spec.commandLine().getOut().println(Printable.line(line));
    spec.commandLine().getOut().flush();
  }
}
