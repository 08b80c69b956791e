package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.file.Disk;
import dev.shadowplane.dataplane.journal.JournalCatalog;
import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.journal.JournalSession;
import dev.shadowplane.dataplane.journal.JournalTotals;
import dev.shadowplane.dataplane.journal.PortStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adds up what a journal holds. */
@Command(
    name = "stat",
    description = {
      "Adds up the frames of a journal and their captured bytes: by rule, port and direction, over time (at most 60"
          + " intervals), what was shed at each port instead of journaled, and the space used and free.",
      "Reads everything; damaged places are passed over and named on standard error."
    },
    footer = {"", "Example: shadowplane journal stat --journal /var/lib/shadowplane/journal"})
final class JournalStatCommand implements Callable<Integer> {
  private static final int MAX_NAMED_DAMAGES = 100;
  private static final double SECOND_NS = 1e9;

  @Mixin private final JournalSource source = new JournalSource();

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format = Format.text;

  @Spec private CommandSpec spec;

  /** The last counters of each port in each session: they begin at 0 with the session. */
  private final Map<List<Object>, Long> shed = new LinkedHashMap<>();

  private long damages;

  private final class Events implements JournalEvents {
    private final Progress progress;

    private Events(final Progress progress) {
      this.progress = progress;
    }

    @Override
    public void statistics(
        final JournalSession session, final long timeNs, final PortStatistics statistics) {
      final String name =
          session.ports().stream()
              .filter(port -> port.index() == statistics.portIndex())
              .map(JournalPort::name)
              .findFirst()
              .orElse("(port " + statistics.portIndex() + ")");
      shed.merge(List.of(name, session.startNs()), statistics.shedFrames(), Math::max);
    }

    @Override
    public void damage(final JournalException damage) {
      if (damages++ < MAX_NAMED_DAMAGES) {
        progress.clear();
        spec.commandLine()
            .getErr()
            .println(
                "shadowplane: damaged: " + Printable.line(String.valueOf(damage.getMessage())));
        spec.commandLine().getErr().flush();
      }
    }
  }

  @Override
  public Integer call() throws CommandFailure, IOException {
    final JournalTotals totals = new JournalTotals();
    long frames = 0;
    try (Progress progress = new Progress(spec.commandLine().getErr());
        JournalReader reader = new JournalReader(source.query(), new Events(progress))) {
      while (reader.next()) {
        totals.add(reader);
        if ((++frames & 0xFFFF) == 0) {
          final long passed = reader.passedBytes();
          progress.show(frames, passed, (double) passed / Math.max(1, reader.plannedBytes()));
        }
      }
    }
    final Table table =
        new Table("totals", List.of("kind", "name", "frames", "bytes", "frames_per_second"));
    totals.rules().forEach((name, total) -> table.add(row("rule", name, total)));
    totals.ports().forEach((name, total) -> table.add(row("port", name, total)));
    totals.directions().forEach((name, total) -> table.add(row("direction", name, total)));
    totals
        .intervals()
        .forEach((start, total) -> {
          final Map<String, Object> row = row("from", JournalLsCommand.time(start), total);
          row.put(
              "frames_per_second", Math.round(total.frames() * SECOND_NS / totals.intervalNs()));
          table.add(row);
        });
    addShed(table);
    addSpace(table);
    table.with("interval_ns", totals.intervalNs()).print(format, spec.commandLine().getOut());
    return 0;
  }

  private static Map<String, Object> row(
      final String kind, final String name, final JournalTotals.Total total) {
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("kind", kind);
    row.put("name", name);
    row.put("frames", total.frames());
    row.put("bytes", total.bytes());
    return row;
  }

  private void addShed(final Table table) {
    final Map<String, Long> byPort = new TreeMap<>();
    shed.forEach((key, frames) -> byPort.merge((String) key.getFirst(), frames, Long::sum));
    byPort.forEach((name, frames) -> {
      final Map<String, Object> row = new LinkedHashMap<>();
      row.put("kind", "shed");
      row.put("name", name);
      row.put("frames", frames);
      table.add(row);
    });
  }

  private void addSpace(final Table table) throws CommandFailure, IOException {
    final long[] used = new long[1];
    final Path folder = source.folder();
    JournalCatalog.files(folder, file -> used[0] += file.toFile().length());
    addSpace(table, "used", used[0]);
    addSpace(table, "free", Disk.usableBytes(folder));
  }

  private static void addSpace(final Table table, final String name, final long bytes) {
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("kind", "space");
    row.put("name", name);
    row.put("bytes", bytes);
    table.add(row);
  }
}
