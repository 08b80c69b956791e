package dev.shadowplane.control.cli;

import dev.shadowplane.control.replication.ReplicationConfig;
import dev.shadowplane.control.replication.ReplicationStatus;
import dev.shadowplane.control.replication.Replicator;
import dev.shadowplane.control.template.ShadowSpec.Replication.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Brings the state of one service over until it is told to end. */
@Command(
    name = "replicate",
    description = {
      "Makes a folder, or a service that has hooks, equal to another and keeps it so.",
      "It says how it stands whenever that changes, and ends on SIGTERM or SIGINT."
    },
    footer = {
      "",
      "Example: shadowplane replicate --from /srv/shop --to /srv/shop-shadow --mode event"
    })
final class ReplicateCommand implements Callable<Integer> {
  @ArgGroup(multiplicity = "1")
  private What what = new What();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "A folder in which status.json says every second how it stands, and a file 'barrier' asks"
              + " for all that is committed by then.")
  private @Nullable Path report;

  @Option(
      names = "--once",
      description = "Brings everything over once and ends: exit status 1 if anything is missing.")
  private boolean once;

  @Spec private CommandSpec spec;

  private String said = "";

  /** What is brought over. */
  static final class What {
    @Option(
        names = "--config",
        required = true,
        paramLabel = "FILE",
        description = "JSON with the keys service, mode, from, to, hooks and interval_ms.")
    private @Nullable Path config;

    @ArgGroup(exclusive = false)
    private @Nullable Folders folders;
  }

  /** The same by hand. */
  static final class Folders {
    @Option(names = "--from", required = true, paramLabel = "DIR", description = "The source.")
    private Path from;

    @Option(
        names = "--to",
        required = true,
        paramLabel = "DIR",
        description = "The target: what the source does not have goes.")
    private Path to;

    @Option(
        names = "--hooks",
        paramLabel = "DIR",
        description =
            "Executables snapshot, changes-since and apply, for what is not a folder of files.")
    private @Nullable Path hooks;

    @Option(
        names = "--mode",
        defaultValue = "event",
        paramLabel = "MODE",
        description =
            "full (compare contents, at intervals), differential (what changed, at intervals) or event"
                + " (each change when it happens); default ${DEFAULT-VALUE}.")
    private String mode;

    @Option(
        names = "--interval-ms",
        defaultValue = "60000",
        paramLabel = "MS",
        description = "How often, 100 to 86,400,000; default ${DEFAULT-VALUE}.")
    private int intervalMs;

    ReplicationConfig config() throws CommandFailure {
      final Mode parsed;
      try {
        parsed = Mode.valueOf(mode.toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw CommandFailure.input(
            "--mode " + mode + " is none: write full, differential or event");
      }
      if (intervalMs < 100 || intervalMs > 86_400_000) {
        throw CommandFailure.input("--interval-ms " + intervalMs + ": write 100 to 86400000");
      }
      final ReplicationConfig config =
          new ReplicationConfig(
              String.valueOf(to.getFileName()),
              parsed,
              from.toAbsolutePath().normalize(),
              to.toAbsolutePath().normalize(),
              hooks == null ? null : hooks.toAbsolutePath().normalize(),
              intervalMs);
      config.check();
      return config;
    }
  }

  @Override
  public Integer call() throws Exception {
    final ReplicationConfig config =
        what.config != null
            ? ReplicationConfig.load(what.config)
            : Objects.requireNonNull(what.folders).config();
    if (report != null && !Files.isWritable(report)) {
      throw CommandFailure.input(
          "--report " + report + " is no folder that can be written to: make it first");
    }
    final Replicator replicator = new Replicator(config, report, this::tell);
    if (once) {
      final ReplicationStatus status = replicator.once();
      tell(status);
      return status.state().equals("stalled") ? 1 : 0;
    }
    final Termination termination = new Termination();
    replicator.run(termination::isAsked);
    termination.done();
    return 0;
  }

  private void tell(final ReplicationStatus status) {
    final String state =
        status.service()
            + ": "
            + status.state()
            + (status.reason().isEmpty() ? "" : ": " + status.reason());
    if (!state.equals(said)) {
      said = state;
      spec.commandLine()
          .getOut()
          .println(
              Printable.line(
                  state
                      + ", "
                      + status.changes()
                      + " changes, "
                      + status.bytes()
                      + " bytes"
                      + (status.measured() == 0
                          ? ""
                          : ", lag p99 " + TimeUnit.NANOSECONDS.toMicros(status.p99Ns()) + " us")
                      + (status.refused() == 0
                          ? ""
                          : ", "
                              + status.refused()
                              + " refused, as "
                              + status.refusals().getFirst())));
      spec.commandLine().getOut().flush();
    }
  }
}
