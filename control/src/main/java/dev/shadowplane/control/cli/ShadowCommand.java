package dev.shadowplane.control.cli;

import picocli.CommandLine.Command;

/** Applies templates and looks after shadows. */
@Command(
    name = "shadow",
    synopsisSubcommandLabel = "COMMAND",
    description = "Keeps networks and their shadows as templates describe them.",
    subcommands = {
      ShadowApplyCommand.class,
      ShadowListCommand.class,
      ShadowDescribeCommand.class,
      ShadowDriftCommand.class,
      ShadowHistoryCommand.class,
      ShadowOperations.Pause.class,
      ShadowOperations.Resume.class,
      ShadowOperations.Resize.class,
      ShadowOperations.Delete.class,
      ShadowTemplateCommands.Validate.class,
      ShadowTemplateCommands.Schema.class
    })
final class ShadowCommand {}
