package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.GetTemplateRequest;
import dev.shadowplane.control.v1.ListTemplateVersionsRequest;
import dev.shadowplane.control.v1.TemplateVersion;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the versions of a template, or one of them. */
@Command(
    name = "history",
    description = "Lists the versions of a template with what differs; or shows one of them.",
    footer = {"", "Example: shadowplane shadow history shop --at 2026-11-19T12:00:00Z"})
final class ShadowHistoryCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("revision", "applied", "action", "differences");

  @Parameters(paramLabel = "NAME", description = "The network, also a deleted one, or a shadow.")
  private String name;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "Show the template that was in force then, as in 2026-11-19T12:00:00Z.")
  private @Nullable String at;

  @Option(names = "--revision", paramLabel = "N", description = "Show this version.")
  private @Nullable Long revision;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (at != null && revision != null) {
      throw CommandFailure.input("--at and --revision both name a version: give one of them");
    }
    if (at != null || revision != null) {
      show();
    } else {
      list();
    }
    return 0;
  }

  private void show() throws CommandFailure {
    final GetTemplateRequest.Builder request = GetTemplateRequest.newBuilder().setName(name);
    if (at != null) {
      request.setAtNs(TimeArgument.nanoseconds("--at", at));
    } else if (revision != null) {
      request.setRevision(revision);
    }
    try (ControlConnection connection = control.connect()) {
      spec.commandLine()
          .getOut()
          .print(connection.callShadows(stub -> stub.getTemplate(request.build())).getTemplate());
      spec.commandLine().getOut().flush();
    }
  }

  private void list() throws CommandFailure {
    final Table table = new Table("versions", COLUMNS).hidingEmpty(List.of("differences"));
    try (ControlConnection connection = control.connect()) {
      for (final TemplateVersion version :
          connection
              .callShadows(stub ->
                  stub.listTemplateVersions(
                      ListTemplateVersionsRequest.newBuilder().setName(name).build()))
              .getVersionsList()) {
        final Map<String, Object> row = Messages.present(version);
        row.put("applied", ShadowTimes.text(version.getAppliedNs()));
        table.add(row);
      }
    }
    output.print(table);
  }
}
