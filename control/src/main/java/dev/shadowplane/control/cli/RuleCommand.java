package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.AddRuleRequest;
import dev.shadowplane.control.v1.AddRuleResponse;
import dev.shadowplane.control.v1.ListRulesRequest;
import dev.shadowplane.control.v1.ListRulesResponse;
import dev.shadowplane.control.v1.RemoveRuleRequest;
import dev.shadowplane.control.v1.ReplaceRulesRequest;
import dev.shadowplane.control.v1.ReplaceRulesResponse;
import dev.shadowplane.control.v1.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes and lists the mirror rules. */
@Command(
    name = "rule",
    synopsisSubcommandLabel = "COMMAND",
    description = "Changes and lists the mirror rules, while traffic runs.")
final class RuleCommand {
  private static final List<String> LIMITS =
      List.of("first-packets", "first-bytes", "every", "packets-per-second", "bits-per-second");
  private static final List<String> CHANGES =
      List.of("snap-length", "mark", "rewrite", "anonymise");
  private static final List<String> COLUMNS =
      Stream.of(
              List.of("name", "priority", "percent"), LIMITS, List.of("match", "targets"), CHANGES)
          .flatMap(List::stream)
          .toList();

  @Spec private CommandSpec spec;

  @Command(
      name = "add",
      description = {
        "Adds a mirror rule, from options or from a file. Options narrow the match; without any, every frame matches.",
        "Several rules in one file are added one after the other, up to the first that is refused."
      },
      footer = {
        "",
        "Example: shadowplane rule add --name web --protocol tcp --destination-ports 80,443 --percent 10"
            + " --target port:shadow0 --target journal"
      })
  int add(
      @ArgGroup(exclusive = false) final @Nullable RuleOptions options,
      @Option(
              names = "--file",
              paramLabel = "FILE",
              description =
                  "YAML or JSON: one rule, or 'rules:' with a list, with the keys that"
                      + " 'rule list --format json' shows.")
          final @Nullable Path file,
      @Mixin final ControlOption control)
      throws Exception {
    final List<Rule> rules;
    if (file != null && options == null) {
      rules = RuleFile.read(file);
    } else if (file == null && options != null) {
      rules = List.of(options.rule());
    } else {
      throw CommandFailure.input(
          "a rule comes from options or from a file: give --name and --target, or --file alone");
    }
    try (ControlConnection connection = control.connect()) {
      for (final Rule rule : rules) {
        final AddRuleResponse added =
            connection.call(
                stub -> stub.addRule(AddRuleRequest.newBuilder().setRule(rule).build()));
        warn(added.getWarningsList());
        say("added " + rule.getName() + ", rules version " + added.getVersion());
      }
    }
    return 0;
  }

  @Command(
      name = "apply",
      aliases = "replace",
      description =
          "Replaces the whole rule set in one step by that of a file; all of it or nothing.")
  int apply(
      @Option(
              names = "--file",
              required = true,
              paramLabel = "FILE",
              description = "YAML or JSON: 'rules:' with a list.")
          final Path file,
      @Option(
              names = "--if-version",
              paramLabel = "N",
              description =
                  "Only if the rule set has this version, as 'rule list --format json' shows it.")
          final @Nullable Long ifVersion,
      @Option(
              names = "--dry-run",
              description = "Only say whether the data plane would take it, and change nothing.")
          final boolean dryRun,
      @Mixin final ControlOption control)
      throws Exception {
    final ReplaceRulesRequest.Builder request =
        ReplaceRulesRequest.newBuilder().addAllRules(RuleFile.read(file)).setDryRun(dryRun);
    if (ifVersion != null) {
      request.setIfVersion(ifVersion);
    }
    try (ControlConnection connection = control.connect()) {
      final ReplaceRulesResponse replaced =
          connection.call(stub -> stub.replaceRules(request.build()));
      warn(replaced.getWarningsList());
      say(
          dryRun
              ? "would replace all by " + request.getRulesCount() + ", nothing has changed"
              : "replaced all by "
                  + request.getRulesCount()
                  + ", rules version "
                  + replaced.getVersion());
    }
    return 0;
  }

  @Command(name = "list", description = "Lists the rules in force, highest priority first.")
  int list(@Mixin final ControlOption control, @Mixin final OutputOption output) throws Exception {
    final ListRulesResponse rules;
    try (ControlConnection connection = control.connect()) {
      rules = connection.call(stub -> stub.listRules(ListRulesRequest.getDefaultInstance()));
    }
    output.print(table(rules));
    return 0;
  }

  /** Every field of every rule. */
  static Table table(final ListRulesResponse rules) {
    final Table table =
        new Table("rules", COLUMNS)
            .with("version", rules.getVersion())
            .hidingEmpty(LIMITS)
            .hidingEmpty(CHANGES);
    rules.getRulesList().forEach(rule -> table.add(Messages.object(rule)));
    return table;
  }

  @Command(name = "remove", description = "Removes a rule.")
  int remove(
      @Parameters(paramLabel = "NAME", description = "The name of the rule.") final String name,
      @Mixin final ControlOption control)
      throws Exception {
    try (ControlConnection connection = control.connect()) {
      final long version =
          connection
              .call(stub -> stub.removeRule(RemoveRuleRequest.newBuilder().setName(name).build()))
              .getVersion();
      say("removed " + name + ", rules version " + version);
    }
    return 0;
  }

  private void warn(final List<String> warnings) {
    warnings.forEach(
        warning -> spec.commandLine().getErr().println(Printable.line("warning: " + warning)));
    spec.commandLine().getErr().flush();
  }

  private void say(final String line) {
    spec.commandLine().getOut().println(Printable.line(line));
    spec.commandLine().getOut().flush();
  }
}
