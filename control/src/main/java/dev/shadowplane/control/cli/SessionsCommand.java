package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.Endpoint;
import dev.shadowplane.control.feed.DifferenceKind;
import dev.shadowplane.control.feed.DriveListener;
import dev.shadowplane.control.feed.Exchange;
import dev.shadowplane.control.feed.Feed;
import dev.shadowplane.control.feed.FeedOptions;
import dev.shadowplane.control.feed.FeedReport;
import dev.shadowplane.control.feed.SessionList;
import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.replay.CaptureSource;
import dev.shadowplane.dataplane.replay.FrameSource;
import dev.shadowplane.dataplane.replay.JournalSource;
import dev.shadowplane.dataplane.session.NamedService;
import dev.shadowplane.dataplane.session.SessionCounts;
import dev.shadowplane.dataplane.session.Undrivable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the TCP sessions of a capture or a journal, or drives them against a server. */
@Command(
    name = "sessions",
    sortOptions = false,
    description = {
      "Lists the TCP sessions of a capture or a journal, and why one cannot be driven; or, with --to, sends what the"
          + " clients sent to a server at their original times, and lists where its answers differ."
    },
    footer = {
      "",
      "Examples:",
      "  shadowplane sessions --pcap incident.pcapng --ports 80,8080",
      "  shadowplane sessions --pcap incident.pcapng --ports 80 --to 127.0.0.1:8080 --speed 10"
    })
final class SessionsCommand implements Callable<Integer> {
  private static final int HIGHEST_PORT = 65_535;
  private static final double LEAST_SPEED = 0.01;
  private static final double MOST_SPEED = 100;
  private static final int MAX_ROWS = 100_000;

  @ArgGroup(multiplicity = "1")
  private Source source = new Source();

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "The keys of a journal that is encrypted.")
  private @Nullable Path keyFile;

  @Option(
      names = "--ports",
      required = true,
      split = ",",
      paramLabel = "PORT",
      description = "The ports of the servers whose sessions are meant, separated by commas.")
  private List<Integer> ports = List.of();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "With --journal: frames from this time on.")
  private @Nullable String from;

  @Option(names = "--to-time", paramLabel = "TIME", description = "With --journal: up to this.")
  private @Nullable String toTime;

  @Option(
      names = "--to",
      paramLabel = "ADDRESS:PORT",
      description = "Drive them against this server.")
  private @Nullable String to;

  @Option(
      names = "--speed",
      defaultValue = "1",
      paramLabel = "X",
      description = "With --to: the original times divided by this, 0.01 to 100.")
  private double speed;

  @Option(names = "--slow", description = "With --to: list answers that took much longer, too.")
  private boolean slow;

  @Mixin private final OutputOption output = new OutputOption();

  @Spec private CommandSpec spec;

  /** Where the frames are. */
  static final class Source {
    @Option(names = "--pcap", paramLabel = "FILE", required = true, description = "A capture file.")
    private @Nullable Path pcap;

    @Option(
        names = "--journal",
        paramLabel = "DIR",
        required = true,
        description = "The folder of a journal; it may be in use.")
    private @Nullable Path journal;
  }

  @Override
  public Integer call() throws Exception {
    final List<NamedService> services = services();
    if (speed < LEAST_SPEED || speed > MOST_SPEED) {
      throw CommandFailure.input("--speed is " + speed + ": give 0.01 to 100");
    }
    final @Nullable InetSocketAddress server = to == null ? null : server(to);
    try (FrameSource frames = open()) {
      if (server == null) {
        list(frames, services);
      } else {
        drive(frames, services, FeedOptions.DEFAULT.to(server).at(speed));
      }
    }
    return 0;
  }

  private List<NamedService> services() throws CommandFailure {
    final List<NamedService> services = new ArrayList<>();
    for (final int port : ports) {
      if (port < 1 || port > HIGHEST_PORT) {
        throw CommandFailure.input("--ports has " + port + ": give 1 to " + HIGHEST_PORT);
      }
      services.add(new NamedService("port-" + port, port, List.of()));
    }
    return services;
  }

  private static InetSocketAddress server(final String text) throws CommandFailure {
    try {
      final Endpoint endpoint = Endpoint.parse(text);
      final InetSocketAddress address = new InetSocketAddress(endpoint.host(), endpoint.port());
      if (!address.isUnresolved() && address.getPort() > 0) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input("--to " + text + " " + e.getMessage());
    }
    throw CommandFailure.input("--to " + text + ": give the address and port of a server");
  }

  private FrameSource open() throws CommandFailure, IOException {
    if (source.pcap != null) {
      CaptureArgument.checkReadable(source.pcap);
      return CaptureSource.open(source.pcap);
    }
    final Path journal = Objects.requireNonNull(source.journal);
    if (!Files.isDirectory(journal)) {
      throw CommandFailure.input(
          journal + " is no folder: name the one that the data plane journals to");
    }
    final JournalQuery query =
        JournalQuery.of(journal)
            .keyFile(keyFile)
            .range(
                from == null ? Long.MIN_VALUE : TimeArgument.nanoseconds("--from", from),
                toTime == null ? Long.MAX_VALUE : TimeArgument.nanoseconds("--to-time", toTime));
    return new JournalSource(
        query,
        damage -> {
          spec.commandLine().getErr().println("shadowplane: damaged: " + Printable.line(damage));
          spec.commandLine().getErr().flush();
        });
  }

  private void list(final FrameSource frames, final List<NamedService> services)
      throws IOException {
    final Table table =
        new Table(
                "sessions",
                List.of(
                    "start",
                    "client",
                    "server",
                    "client-bytes",
                    "server-bytes",
                    "requests",
                    "not-drivable"))
            .hidingEmpty(List.of("not-drivable"));
    final int[] count = new int[1];
    final SessionCounts counts =
        SessionList.of(
            frames,
            services,
            row -> {
              if (count[0]++ < MAX_ROWS) {
                table.add(row(row));
              }
            },
            () -> false);
    final Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("frames", counts.frames());
    summary.put("sessions", counts.sessions());
    for (final Undrivable reason : Undrivable.values()) {
      summary.put(reason.label(), counts.undrivable(reason));
    }
    output.print(table.with("summary", summary));
    output.note(
        counts.sessions()
            + " sessions of "
            + counts.frames()
            + " frames"
            + (count[0] > MAX_ROWS ? "; the first " + MAX_ROWS + " are shown" : ""));
  }

  private static Map<String, Object> row(final SessionList.Row session) {
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("start", JournalLsCommand.time(session.session().startNs()));
    row.put("client", FeedReport.end(session.session().client()));
    row.put("server", FeedReport.end(session.session().server()));
    row.put("client-bytes", session.client().bytes());
    row.put("server-bytes", session.server().bytes());
    row.put("client-sha256", session.client().sha256());
    row.put("server-sha256", session.server().sha256());
    row.put("requests", session.requests());
    final @Nullable Undrivable reason = session.undrivable();
    if (reason != null) {
      row.put("not-drivable", reason.label());
    }
    return row;
  }

  private void drive(
      final FrameSource frames, final List<NamedService> services, final FeedOptions options)
      throws IOException, InterruptedException {
    final Table table =
        new Table(
            "differences", List.of("time", "client", "request", "kinds", "primary", "shadow"));
    final Found found = new Found(table, slow);
    try (Termination termination = new Termination();
        Progress progress = new Progress(spec.commandLine().getErr())) {
      final Feed feed =
          new Feed(
              services,
              options,
              false,
              found,
              termination::isAsked,
              () -> progress.show(0, Math.max(0, frames.positionBytes()), 0));
      feed.run(frames);
      progress.clear();
      final Map<String, Object> counts = feed.counts();
      synchronized (found) {
        output.print(table.with("counts", counts));
      }
      output.note("sessions: " + Json.write(counts.get("sessions")));
      output.note("requests: " + Json.write(counts.get("requests")));
      termination.done();
    }
  }

  /** Collects what differs. */
  private static final class Found implements DriveListener {
    private final Table table;
    private final boolean slowToo;
    private int rows;

    private Found(final Table table, final boolean slowToo) {
      this.table = table;
      this.slowToo = slowToo;
    }

    @Override
    public synchronized void compared(
        final Exchange exchange, final Set<DifferenceKind> kinds, final boolean isSlow) {
      if ((!kinds.isEmpty() || (slowToo && isSlow)) && rows++ < MAX_ROWS) {
        table.add(FeedReport.fields(exchange, kinds));
      }
    }
  }
}
