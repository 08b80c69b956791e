package dev.shadowplane.control.cli;

import picocli.CommandLine.Command;

/** Works on the series of measurements. */
@Command(
    name = "series",
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Works on series of measurements: each second for an hour, each minute for 14 days, each hour for 13 months.",
    subcommands = {
      SeriesLsCommand.class,
      SeriesQueryCommand.class,
      SeriesImportCommand.class,
      SeriesSourcesCommand.class
    })
final class SeriesCommand {}
