package dev.shadowplane.control.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command prints its table. */
final class OutputOption {
  @Option(
      names = "--format",
      defaultValue = "text",
      description = "One of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  private boolean first = true;

  void print(final Table table) {
    table.print(format, out());
  }

  /** Prints a table for programs; people are told in other words. */
  void printUnlessText(final Table table) {
    if (format != Format.text) {
      print(table);
    }
  }

  /** Prints one more table, for people only. */
  void alsoText(final Table table) {
    if (format == Format.text) {
      print(table);
    }
  }

  /**
   * Prints the next state of the same table. On a terminal the text takes the place of the one
   * before.
   */
  void printNext(final Table table) {
    if (format == Format.text) {
      final boolean terminal = CommandLine.Help.Ansi.AUTO.enabled();
      out().print(terminal ? "\u001b[H\u001b[2J" : first ? "" : "\n");
    }
    table.printNext(format, out(), first);
    first = false;
  }

  /** Prints a line under the table, for readers only. */
  void note(final String line) {
    if (format == Format.text) {
      out().println(line);
      out().flush();
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
