package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.Json;
import dev.shadowplane.dataplane.conductor.StandaloneReplay;
import dev.shadowplane.dataplane.config.RewriteConfig;
import dev.shadowplane.dataplane.config.RewriteReader;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.port.PortException;
import dev.shadowplane.dataplane.replay.CaptureSource;
import dev.shadowplane.dataplane.replay.FrameSource;
import dev.shadowplane.dataplane.replay.JournalSource;
import dev.shadowplane.dataplane.replay.Replay;
import dev.shadowplane.dataplane.replay.ReplayRequest;
import dev.shadowplane.dataplane.replay.ReplayState;
import dev.shadowplane.dpdk.DpdkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Replays in this process, without data plane and control. */
@Command(
    name = "run",
    description = {
      "Replays a capture file or a journal to a device, in this process: without data plane and control.",
      "Ends at the end of the source, or at SIGINT or SIGTERM, with what was sent and how exactly."
    },
    footer = {
      "",
      "Example: shadowplane replay run --file incident.pcapng --device net_af_packet,iface=veth0 --speed 2"
    })
final class ReplayRunCommand implements Callable<Integer> {
  private static final long PROGRESS_MS = 500;

  /** Where frames come from. */
  static final class Source {
    @Option(names = "--file", required = true, paramLabel = "FILE", description = "A capture file.")
    private @Nullable Path file;

    @ArgGroup(exclusive = false)
    private @Nullable Window window;
  }

  /** A part of a journal. */
  static final class Window {
    @Option(
        names = "--journal",
        required = true,
        paramLabel = "DIR",
        description = "The folder of a journal; it may be in use.")
    private @Nullable Path journal;

    @Option(
        names = "--from",
        paramLabel = "TIME",
        description = "Its frames from then on: 2026-11-20T10:00:00Z, or nanoseconds since 1970.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Its frames before that time.")
    private @Nullable String to;

    @Option(
        names = "--key-file",
        paramLabel = "FILE",
        description = "The keys of a journal that is encrypted.")
    private @Nullable Path keyFile;

    @Option(names = "--follow", description = "Also what is journaled from now on.")
    private boolean follow;
  }

  @ArgGroup(multiplicity = "1")
  private Source source = new Source();

  @Option(
      names = "--device",
      required = true,
      paramLabel = "DEVICE",
      description = "Where to: as of a port of the data plane, which must not use it.")
  private String device;

  @Option(
      names = "--core",
      defaultValue = "${env:SHADOWPLANE_WORKER_CPU:--1}",
      paramLabel = "N",
      description = "The core that sends; default: the last one. -1 pins to none.")
  private int core;

  @Option(
      names = "--memory-mb",
      defaultValue = "128",
      paramLabel = "MB",
      description = "Memory to take when there are no hugepages; default ${DEFAULT-VALUE}.")
  private int memoryMb;

  @Option(
      names = "--rewrite",
      paramLabel = "MAP",
      description =
          "What is replaced, as in the data plane's file:"
              + " '{ macs: { ... }, vlans: { ... }, addresses: { 10.0.0.0/24: 10.9.0.0/24 } }'.")
  private @Nullable String rewrite;

  @Option(
      names = "--format",
      defaultValue = "text",
      description =
          "How the summary is printed: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private SummaryFormat format;

  @ArgGroup(exclusive = false)
  private final ReplayOptions how = new ReplayOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    final ReplayRequest request = request();
    final @Nullable RewriteConfig map =
        rewrite == null
            ? null
            : RewriteReader.rewrite("rewrite", YamlReader.of("--rewrite", rewrite));
    final Termination termination = new Termination();
    int status = Termination.AS_IT_IS;
    try (StandaloneReplay standalone =
        new StandaloneReplay(
            new StandaloneReplay.Options(device, core, memoryMb, map),
            request,
            () -> open(request),
            this::say)) {
      status = watch(standalone.replay(), termination);
    } catch (PortException | DpdkException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    } finally {
      termination.done(status);
    }
    return status;
  }

  private ReplayRequest request() throws CommandFailure {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", StandaloneReplay.PORT);
    object.put("target", "port:" + StandaloneReplay.PORT);
    final @Nullable Window window = source.window;
    if (window == null) {
      object.put("file", String.valueOf(source.file));
    } else {
      object.put("journal", true);
      object.put("follow", window.follow);
      if (window.from != null) {
        object.put("from", TimeArgument.nanoseconds("--from", window.from));
      }
      if (window.to != null) {
        object.put("to", TimeArgument.nanoseconds("--to", window.to));
      }
    }
    object.putAll(how.object());
    return ReplayRequest.read(YamlReader.of("options", Json.write(object)));
  }

  private FrameSource open(final ReplayRequest request) throws IOException {
    final @Nullable Window window = source.window;
    if (window == null) {
      return CaptureSource.open(Objects.requireNonNull(source.file));
    }
    final JournalQuery query =
        JournalQuery.of(Objects.requireNonNull(window.journal))
            .range(request.fromNs(), request.toNs())
            .keyFile(window.keyFile);
    return new JournalSource(request.follow() ? query.following() : query, this::say);
  }

  /** Waits for the end, or for somebody who asks for it. */
  private int watch(final Replay replay, final Termination termination)
      throws InterruptedException {
    final ReplayProgress progress =
        new ReplayProgress(replay.request(), spec.commandLine().getErr(), isTerminal());
    boolean stopping = false;
    boolean wasUp = true;
    while (!replay.isGone()) {
      final boolean asked = termination.await(PROGRESS_MS / 10, TimeUnit.MILLISECONDS);
      if (asked && !stopping) {
        stopping = true;
        replay.stop();
      }
      replay.report();
      progress.show(replay.status(), System.nanoTime());
      if (replay.isLinkUp() != wasUp) {
        wasUp = !wasUp;
        say(device + " is " + (wasUp ? "up again" : "down: frames are dropped"));
      }
    }
    replay.report();
    progress.end();
    ReplaySummary.print(replay, format, spec.commandLine().getOut());
    final @Nullable String problem = replay.status().problem();
    if (problem != null) {
      say(problem);
    }
    return replay.state() == ReplayState.FAILED ? 1 : 0;
  }

  /** Whether somebody looks at standard error. */
  private static boolean isTerminal() {
    try {
      final String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  private void say(final String line) {
    spec.commandLine().getErr().println("shadowplane: " + Printable.line(line));
    spec.commandLine().getErr().flush();
  }
}
