package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.analytics.UnsupportedLinkTypeException;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.pcap.CaptureException;
import dev.shadowplane.dataplane.telemetry.TelemetryException;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * The command line: {@code shadowplane COMMAND}. Exit status 0 done, 1 the job failed, 2 wrong
 * usage or input.
 */
@Command(
    name = "shadowplane",
    mixinStandardHelpOptions = true,
    scope = CommandLine.ScopeType.INHERIT,
    versionProvider = ShadowplaneCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Shadows virtual networks of this host: forwards, mirrors, journals, and answers"
            + " questions.",
    footer = {
      "",
      "'shadowplane dataplane --config FILE' runs the data plane, a program of its own.",
      "",
      "Exit status: 0 done, 1 the job failed, 2 wrong usage or input."
    })
public final class ShadowplaneCommand {
  private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("control", ControlCommand.class);
    COMMANDS.put("provisioner", ProvisionerCommand.class);
    COMMANDS.put("status", StatusCommand.class);
    COMMANDS.put("ports", PortsCommand.class);
    COMMANDS.put("rule", RuleCommand.class);
    COMMANDS.put("role", RoleCommand.class);
    COMMANDS.put("ledger", LedgerCommand.class);
    COMMANDS.put("flows", FlowsCommand.class);
    COMMANDS.put("top", TopCommand.class);
    COMMANDS.put("journal", JournalCommand.class);
    COMMANDS.put("extcap", ExtcapCommand.class);
    COMMANDS.put("capture", CaptureCommand.class);
    COMMANDS.put("replay", ReplayCommand.class);
    COMMANDS.put("replicate", ReplicateCommand.class);
    COMMANDS.put("replication", ReplicationCommand.class);
    COMMANDS.put("shadow", ShadowCommand.class);
    COMMANDS.put("monitor", MonitorCommand.class);
    COMMANDS.put("series", SeriesCommand.class);
    COMMANDS.put("stat", StatCommand.class);
    COMMANDS.put("feed", FeedCommand.class);
    COMMANDS.put("sessions", SessionsCommand.class);
    COMMANDS.put("differences", DifferencesCommand.class);
  }

  private ShadowplaneCommand() {}

  /**
   * Runs one command and ends the process with its exit status.
   *
   * @param arguments the command and its options.
   */
  public static void main(final String... arguments) {
    final Class<?> named = arguments.length == 0 ? null : COMMANDS.get(arguments[0]);
    // The options of all commands take longer to look at than most of them run.
    System.exit(commandLine(named == null ? COMMANDS.values() : List.of(named)).execute(arguments));
  }

  /**
   * The commands, ready to execute.
   *
   * @return a new command line.
   */
  public static CommandLine commandLine() {
    return commandLine(COMMANDS.values());
  }

  private static CommandLine commandLine(final Collection<Class<?>> commands) {
    final CommandLine commandLine = new CommandLine(new ShadowplaneCommand());
    commands.forEach(commandLine::addSubcommand);
    return commandLine
        .setParameterExceptionHandler(ShadowplaneCommand::wrongUsage)
        .setExecutionExceptionHandler((thrown, command, parsed) -> {
          fail(command, message(thrown));
          return switch (thrown) {
            case CommandFailure failure -> failure.exitStatus();
            case ConfigException _, CaptureException _, UnsupportedLinkTypeException _ -> 2;
            default -> 1;
          };
        });
  }

  private static int wrongUsage(final ParameterException thrown, final String... arguments) {
    final CommandLine command = thrown.getCommandLine();
    fail(
        command,
        String.valueOf(thrown.getMessage()).replaceFirst("^Error: ", "")
            + "; see '"
            + command.getCommandSpec().qualifiedName()
            + " --help'");
    return 2;
  }

  private static String message(final Exception thrown) {
    return switch (thrown) {
      case CommandFailure _,
          ConfigException _,
          TelemetryException _,
          JournalException _,
          CaptureException _,
          UnsupportedLinkTypeException _ ->
          String.valueOf(thrown.getMessage());
      case IOException e ->
          "cannot read or write ("
              + e
              + "): check that the path exists, is permitted and has space";
      default -> "this should not happen, please report it: " + thrown;
    };
  }

  private static void fail(final CommandLine command, final String message) {
    message
        .lines()
        .forEach(line -> command.getErr().println("shadowplane: " + Printable.line(line)));
    command.getErr().flush();
  }

  /** The version in the manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      final String version = ShadowplaneCommand.class.getPackage().getImplementationVersion();
      return new String[] {"shadowplane " + (version == null ? "(not packaged)" : version)};
    }
  }
}
