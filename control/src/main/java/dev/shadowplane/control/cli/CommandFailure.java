package dev.shadowplane.control.cli;

/** Ends a command with one line on standard error. */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitStatus;

  private CommandFailure(final int exitStatus, final String message) {
    super(message);
    this.exitStatus = exitStatus;
  }

  /** Wrong usage or input: exit status 2. */
  static CommandFailure input(final String message) {
    return new CommandFailure(2, message);
  }

  /** The job failed: exit status 1. */
  static CommandFailure job(final String message) {
    return new CommandFailure(1, message);
  }

  int exitStatus() {
    return exitStatus;
  }
}
