package dev.shadowplane.control.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What came of a command. */
record Outcome(int status, String out, String err) {
  /** Runs a command line in this process. */
  static Outcome of(final String... arguments) {
    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    final CommandLine commandLine = ShadowplaneCommand.commandLine();
    commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    final int status = commandLine.execute(arguments);
    return new Outcome(status, out.toString(), err.toString());
  }
}
