package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalQuery;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The journal that a command works on. */
final class JournalSource {
  @Option(
      names = "--journal",
      required = true,
      paramLabel = "DIR",
      description = "The folder of the journal; it may be in use.")
  private Path folder = Path.of("");

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "The keys of a journal that is encrypted.")
  private @Nullable Path keyFile;

  Path folder() throws CommandFailure {
    if (!Files.isDirectory(folder)) {
      throw CommandFailure.input(
          folder + " is no folder: name the one that the data plane journals to");
    }
    return folder;
  }

  JournalQuery query() throws CommandFailure, JournalException {
    return JournalQuery.of(folder()).keyFile(keyFile);
  }
}
