package dev.shadowplane.control.cli;

import dev.shadowplane.control.feed.DifferenceKind;
import dev.shadowplane.control.feed.DriveListener;
import dev.shadowplane.control.feed.Exchange;
import dev.shadowplane.control.feed.Feed;
import dev.shadowplane.control.feed.FeedConfig;
import dev.shadowplane.control.feed.FeedPosition;
import dev.shadowplane.control.feed.FeedReport;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.replay.JournalSource;
import dev.shadowplane.dataplane.session.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Drives the sessions of a live journal against a shadow, until it is told to end. */
@Command(
    name = "feed",
    description = {
      "Drives the sessions of a live journal against a shadow's services, from inside the shadow, and compares the"
          + " answers. The provisioner runs it.",
      "It prints 'shadowplane feed ready' when it reads, and ends on SIGTERM or SIGINT. Started again with the same"
          + " report, it goes on where it was and drives no session twice."
    })
final class FeedCommand implements Callable<Integer> {
  /** The longest handshake, about: five retransmissions of a SYN. */
  private static final long HANDSHAKE_NS = TimeUnit.SECONDS.toNanos(63);

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "JSON with the keys shadow, journal, services and others; see the README.")
  private Path config = Path.of("");

  @Option(
      names = "--report",
      required = true,
      paramLabel = "DIR",
      description = "The folder for status.json, differences.jsonl and slow.jsonl.")
  private Path folder = Path.of("");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    final FeedConfig feed = FeedConfig.load(config);
    if (!Files.isDirectory(folder)) {
      throw CommandFailure.input(folder + " is no folder: make it, or name another");
    }
    if (!Files.isDirectory(feed.journal())) {
      throw CommandFailure.input(
          feed.journal() + " is no folder: name the one that the data plane journals to");
    }
    try (FeedReport report = new FeedReport(folder);
        FeedPosition position = new FeedPosition(folder.resolve("position"))) {
      run(feed, report, position);
    }
    return 0;
  }

  private void run(final FeedConfig config, final FeedReport report, final FeedPosition position)
      throws Exception {
    final Termination termination = new Termination();
    final AtomicReference<@Nullable Feed> running = new AtomicReference<>();
    final String started = Instant.now().toString();
    final Feed feed =
        new Feed(
            config.services(),
            config.options(),
            true,
            new Reporter(report, position, running),
            termination::isAsked,
            () -> report.status(status(config, started, running.get())));
    running.set(feed);
    final long resumedNs = position.resumedNs();
    // The SYN of a session that was driven has to be read again: its SYN-ACK alone begins one, too.
    final long fromNs =
        resumedNs == 0
            ? TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis())
            : resumedNs - HANDSHAKE_NS;
    feed.resume(resumedNs, position.lost());
    final JournalQuery query =
        JournalQuery.of(config.journal())
            .keyFile(config.keyFile())
            .range(fromNs, Long.MAX_VALUE)
            .following();
    try (JournalSource source = new JournalSource(query, damage -> feed.damaged())) {
      spec.commandLine().getOut().println("shadowplane feed ready");
      spec.commandLine().getOut().flush();
      feed.run(source);
    }
    termination.done();
  }

  private static Map<String, Object> status(
      final FeedConfig config, final String started, final @Nullable Feed feed) {
    final Map<String, Object> status = new LinkedHashMap<>();
    status.put("agent", "feed");
    status.put("shadow", config.shadow());
    status.put("started", started);
    status.put("updated", Instant.now().toString());
    if (feed != null) {
      status.put("position", Instant.ofEpochSecond(0, feed.positionNs()).toString());
      status.putAll(feed.counts());
    }
    return status;
  }

  /** Writes down what comes of sessions. */
  private record Reporter(
      FeedReport report, FeedPosition position, AtomicReference<@Nullable Feed> feed)
      implements DriveListener {
    @Override
    public void begins(final Session session) {
      position.begins(session.startNs());
    }

    @Override
    public void ended() {
      position.ended();
    }

    @Override
    public void compared(
        final Exchange exchange, final Set<DifferenceKind> kinds, final boolean slow) {
      if (kinds.isEmpty() && !slow) {
        return;
      }
      try {
        report.add(exchange, kinds);
      } catch (IOException e) {
        final Feed counted = feed.get();
        if (counted != null) {
          counted.unreported();
        }
      }
    }
  }
}
