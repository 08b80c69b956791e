package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalKeys;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes the key of an encrypted journal. */
@Command(
    name = "key",
    description = {
      "Makes a key file with a random key of 256 bits, readable by its owner alone: for 'key-file' of the data plane's"
          + " journal and for --key-file of those who read it. Who loses it loses the journal.",
      "A running journal takes a key that --rotate has put in front from its next file on."
    },
    footer = {"", "Example: shadowplane journal key --output /etc/shadowplane/journal.key"})
final class JournalKeyCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "The key file: a new one, or with --rotate one that exists.")
  private Path output = Path.of("");

  @Option(
      names = "--rotate",
      description = "Put a new key in front of those of the file, which remain for reading.")
  private boolean rotate;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JournalException {
    final long id = rotate ? JournalKeys.rotate(output) : JournalKeys.create(output);
    spec.commandLine().getOut().println("key " + id + " is the first of " + output);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
