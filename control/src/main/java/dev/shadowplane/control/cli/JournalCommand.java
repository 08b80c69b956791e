package dev.shadowplane.control.cli;

import picocli.CommandLine.Command;

/** Works on the journal of mirrored frames. */
@Command(
    name = "journal",
    synopsisSubcommandLabel = "COMMAND",
    description = "Works on the journal of mirrored frames.",
    subcommands = {
      JournalExportCommand.class,
      JournalLsCommand.class,
      JournalVerifyCommand.class,
      JournalStatCommand.class,
      JournalKeyCommand.class,
      JournalTestCommand.class
    })
final class JournalCommand {}
