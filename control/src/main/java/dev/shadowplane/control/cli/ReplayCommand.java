package dev.shadowplane.control.cli;

import picocli.CommandLine.Command;

/** Replays frames. */
@Command(
    name = "replay",
    synopsisSubcommandLabel = "COMMAND",
    description = "Sends frames of a journal or a capture file again, at their times.",
    subcommands = {ReplayRunCommand.class})
final class ReplayCommand {}
