package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ShadowChange;
import dev.shadowplane.control.v1.ShadowReport;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** How a command about shadows tells what came of it. */
final class ShadowOutput {
  private static final List<String> COLUMNS = List.of("action", "what", "differences", "problem");

  @Mixin private final OutputOption output = new OutputOption();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /**
   * Prints a report.
   *
   * @param planned whether nothing was done yet.
   * @return the exit status.
   */
  int print(final ShadowReport report, final boolean planned) {
    final Table table =
        new Table("changes", COLUMNS)
            .with("network", report.getNetwork())
            .with("revision", report.getRevision())
            .with("problems", List.copyOf(report.getProblemsList()))
            .with("waiting", List.copyOf(report.getWaitingList()))
            .hidingEmpty(List.of("differences", "problem"));
    int failed = 0;
    for (final ShadowChange change : report.getChangesList()) {
      table.add(Messages.present(change));
      failed += change.getProblem().isEmpty() ? 0 : 1;
    }
    if (report.getChangesCount() > 0) {
      output.print(table);
    } else {
      output.printUnlessText(table);
    }
    output.note(summary(report, failed, planned));
    final PrintWriter err = spec.commandLine().getErr();
    report
        .getWaitingList()
        .forEach(line -> err.println(Printable.line("shadowplane: not yet: " + line)));
    report.getProblemsList().forEach(line -> err.println(Printable.line("shadowplane: " + line)));
    err.flush();
    return failed == 0 && report.getProblemsCount() == 0 ? 0 : 1;
  }

  private static String summary(
      final ShadowReport report, final int failed, final boolean planned) {
    final int count = report.getChangesCount();
    final String network = "network " + report.getNetwork();
    if (count == 0) {
      return network + ": nothing " + (planned ? "would change" : "to change");
    }
    if (planned) {
      return network + ": " + count + " changes would be made, none was";
    }
    return network
        + ": "
        + (count - failed)
        + " changes made"
        + (failed == 0 ? "" : ", " + failed + " failed, which are tried again")
        + (report.getRevision() == 0 ? "" : "; version " + report.getRevision());
  }
}
