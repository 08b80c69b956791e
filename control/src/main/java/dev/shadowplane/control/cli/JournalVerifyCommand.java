package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalGap;
import dev.shadowplane.dataplane.journal.JournalVerifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reads all of a journal and says what is damaged. */
@Command(
    name = "verify",
    description = {
      "Reads all of a journal and says each damaged place: file, bytes, and which documents are missing. The exit status"
          + " is 1 if there is any.",
      "Without the keys of an encrypted journal its checksums are verified; with them also that nothing was changed on"
          + " purpose."
    },
    footer = {"", "Example: shadowplane journal verify --journal /var/lib/shadowplane/journal"})
final class JournalVerifyCommand implements Callable<Integer> {
  private static final int MAX_NAMED_DAMAGES = 10_000;

  @Mixin private final JournalSource source = new JournalSource();

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format = Format.text;

  @Spec private CommandSpec spec;
  private int named;

  @Override
  public Integer call() throws CommandFailure, IOException {
    final PrintWriter out = spec.commandLine().getOut();
    final Table table =
        new Table(
            "damages",
            List.of("file", "from_byte", "to_byte", "first_document", "documents", "reason"));
    final JournalVerifier.Result result;
    try (Progress progress = new Progress(spec.commandLine().getErr())) {
      result =
          JournalVerifier.run(
              source.query(),
              damage -> {
                if (named++ < MAX_NAMED_DAMAGES) {
                  table.add(row(damage));
                }
              },
              (frames, passed, planned) ->
                  progress.show(frames, passed, planned == 0 ? 0 : (double) passed / planned));
    }
    if (format == Format.text) {
      if (result.damages() > 0) {
        table.print(format, out);
      }
      out.println(
          result.documents()
              + " documents, "
              + result.frames()
              + " frames, "
              + result.bytes()
              + " bytes are intact, "
              + result.damages()
              + " places are damaged"
              + (result.unopened() == 0
                  ? ""
                  : "; "
                      + result.unopened()
                      + " documents are encrypted: without --key-file their checksums alone are"
                      + " verified"));
    } else {
      table
          .with("documents", result.documents())
          .with("frames", result.frames())
          .with("bytes", result.bytes())
          .with("damaged_places", result.damages())
          .with("encrypted_unopened", result.unopened())
          .print(format, out);
    }
    out.flush();
    return result.damages() == 0 ? 0 : 1;
  }

  private static Map<String, Object> row(final JournalException damage) {
    final Map<String, Object> row = new LinkedHashMap<>();
    final JournalGap gap = damage.gap();
    if (gap == null) {
      row.put("reason", String.valueOf(damage.getMessage()));
      return row;
    }
    row.put("file", gap.file().toString());
    row.put("from_byte", gap.fromByte());
    row.put("to_byte", gap.toByte());
    if (gap.firstDocument() != JournalGap.UNKNOWN) {
      row.put("first_document", gap.firstDocument());
    }
    if (gap.documents() != JournalGap.UNKNOWN) {
      row.put("documents", gap.documents());
    }
    row.put("reason", gap.reason());
    return row;
  }
}
