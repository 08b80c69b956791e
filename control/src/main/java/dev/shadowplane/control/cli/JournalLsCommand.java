package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.journal.JournalCatalog;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the files of a journal. */
@Command(
    name = "ls",
    description = {
      "Lists the files of a journal: their queue (the worker), the times of their frames, sessions (runs of the writer),"
          + " documents, frames, bytes, the ids of the keys that they are encrypted with, and damaged places.",
      "Reads the headers of documents alone and needs no key; 'journal verify' reads everything."
    },
    footer = {"", "Example: shadowplane journal ls --journal /var/lib/shadowplane/journal"})
final class JournalLsCommand implements Callable<Integer> {
  private static final long SECOND_NS = 1_000_000_000L;

  @Mixin private final JournalSource source = new JournalSource();

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format = Format.text;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws CommandFailure, IOException {
    final Table table =
        new Table(
            "files",
            List.of(
                "queue",
                "file",
                "first",
                "last",
                "sessions",
                "documents",
                "frames",
                "bytes",
                "keys",
                "gaps"));
    JournalCatalog.list(source.folder(), file -> table.add(row(file)));
    table.print(format, spec.commandLine().getOut());
    return 0;
  }

  private static Map<String, Object> row(final JournalCatalog.FileSummary file) {
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("queue", file.queue());
    row.put("file", file.file().toString());
    row.put("first", file.frames() == 0 ? "" : time(file.firstNs()));
    row.put("last", file.frames() == 0 ? "" : time(file.lastNs()));
    row.put("sessions", file.sessions().stream().map(JournalLsCommand::time).toList());
    row.put("documents", file.documents());
    row.put("frames", file.frames());
    row.put("bytes", file.bytes());
    row.put("keys", file.keys());
    row.put("gaps", file.gaps());
    return row;
  }

  /** A time as {@code --from} and {@code --to} take it. */
  static String time(final long ns) {
    return Instant.ofEpochSecond(Math.floorDiv(ns, SECOND_NS), Math.floorMod(ns, SECOND_NS))
        .toString();
  }
}
