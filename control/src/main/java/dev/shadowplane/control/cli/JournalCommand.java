package dev.shadowplane.control.cli;

import com.google.protobuf.ByteString;
import dev.shadowplane.control.api.ExportRange;
import dev.shadowplane.control.api.JournalExports;
import dev.shadowplane.control.api.Json;
import dev.shadowplane.control.v1.ExportJournalRequest;
import dev.shadowplane.control.v1.ExportJournalResponse;
import dev.shadowplane.control.v1.ExportSummary;
import dev.shadowplane.dataplane.journal.JournalExport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Works on the journal of mirrored frames. */
@Command(
    name = "journal",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = JournalTestCommand.class,
    description = "Works on the journal of mirrored frames.")
final class JournalCommand {
  private static final long SECOND_NS = 1_000_000_000L;

  @Spec private CommandSpec spec;

  /** Where the journal is. */
  static final class Source {
    @Option(
        names = "--journal",
        required = true,
        paramLabel = "DIR",
        description = "The folder of the journal; it may be in use.")
    private @Nullable Path journal;

    @Option(
        names = "--control",
        required = true,
        description = "Have control export the journal that its configuration names.")
    private boolean control;
  }

  @Command(
      name = "export",
      description = {
        "Writes the frames of a time range as pcapng with nanosecond times. The file appears complete or not at all.",
        "Damaged places of a journal are passed over and named on standard error."
      },
      footer = {
        "",
        "Example: shadowplane journal export --journal /var/lib/shadowplane/journal --from 2026-11-20T10:00:00Z"
            + " --output incident.pcapng"
      })
  int export(
      @ArgGroup(multiplicity = "1") final Source source,
      @Option(
              names = "--output",
              required = true,
              paramLabel = "FILE",
              description = "The pcapng file; one of that name is replaced.")
          final Path output,
      @Option(
              names = "--from",
              paramLabel = "TIME",
              description =
                  "Frames from then on: 2026-11-20T10:00:00.000000001Z, or nanoseconds since 1970 UTC.")
          final @Nullable String from,
      @Option(names = "--to", paramLabel = "TIME", description = "Frames before that time.")
          final @Nullable String to,
      @Option(
              names = "--format",
              defaultValue = "text",
              description =
                  "How the summary is printed: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
          final SummaryFormat format,
      @Mixin final ControlOption control)
      throws Exception {
    final ExportRange range = range(from, to);
    final Path target = output.toAbsolutePath();
    if (target.getParent() == null
        || !Files.isDirectory(target.getParent())
        || Files.isDirectory(target)) {
      throw CommandFailure.input(output + " cannot be a file: name one in a folder that exists");
    }
    report(
        source.control
            ? fromControl(control, range, target)
            : fromFolder(Objects.requireNonNull(source.journal), range, target),
        output,
        format);
    return 0;
  }

  private static ExportSummary fromFolder(
      final Path journal, final ExportRange range, final Path target)
      throws CommandFailure, IOException {
    if (!Files.isDirectory(journal)) {
      throw CommandFailure.input(
          journal + " is no folder: name the one that the data plane journals to");
    }
    return JournalExports.summary(
        JournalExport.toFile(journal, range.fromNs(), range.toNs(), target));
  }

  private static ExportSummary fromControl(
      final ControlOption control, final ExportRange range, final Path target)
      throws CommandFailure, IOException {
    final Path part =
        Files.createTempFile(target.getParent(), "." + target.getFileName() + ".", ".part");
    try (ControlConnection connection = control.connect();
        FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
      final ExportSummary[] summary = new ExportSummary[1];
      connection.stream(stub -> {
        final Iterator<ExportJournalResponse> parts =
            stub.exportJournal(
                ExportJournalRequest.newBuilder()
                    .setFromNs(range.fromNs())
                    .setToNs(range.toNs())
                    .build());
        while (parts.hasNext()) {
          final ExportJournalResponse next = parts.next();
          write(next.getChunk(), file);
          if (next.hasSummary()) {
            summary[0] = next.getSummary();
          }
        }
      });
      if (summary[0] == null) {
        throw CommandFailure.job("control ended the export before it was complete: try again");
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return summary[0];
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void write(final ByteString chunk, final FileChannel file) throws IOException {
    final ByteBuffer bytes = chunk.asReadOnlyByteBuffer();
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  private void report(final ExportSummary summary, final Path output, final SummaryFormat format) {
    if (format == SummaryFormat.json) {
      final Map<String, Object> object = new LinkedHashMap<>();
      object.put("output", output.toString());
      object.putAll(Messages.object(summary));
      spec.commandLine().getOut().println(Json.writePretty(object));
    } else {
      spec.commandLine()
          .getOut()
          .println(
              "exported "
                  + summary.getFrames()
                  + " frames, "
                  + summary.getBytes()
                  + " bytes, to "
                  + output
                  + (summary.getFrames() == 0
                      ? ""
                      : ", from "
                          + time(summary.getFirstNs())
                          + " to "
                          + time(summary.getLastNs())));
    }
    spec.commandLine().getOut().flush();
    for (final String damage : summary.getDamagesList()) {
      spec.commandLine().getErr().println("shadowplane: damaged: " + Printable.line(damage));
    }
    spec.commandLine().getErr().flush();
  }

  private static ExportRange range(final @Nullable String from, final @Nullable String to)
      throws CommandFailure {
    try {
      return new ExportRange(
          from == null ? 0 : nanoseconds("--from", from), to == null ? 0 : nanoseconds("--to", to));
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
  }

  private static long nanoseconds(final String option, final String text) throws CommandFailure {
    try {
      if (text.matches("[0-9]+")) {
        return Long.parseLong(text);
      }
      final Instant instant = Instant.parse(text);
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), SECOND_NS), instant.getNano());
    } catch (java.time.DateTimeException | ArithmeticException | NumberFormatException e) {
      throw CommandFailure.input(
          option
              + " '"
              + text
              + "' is no time: write 2026-11-20T10:00:00Z, or nanoseconds since 1970 UTC");
    }
  }

  private static Instant time(final long ns) {
    return Instant.ofEpochSecond(Math.floorDiv(ns, SECOND_NS), Math.floorMod(ns, SECOND_NS));
  }
}
