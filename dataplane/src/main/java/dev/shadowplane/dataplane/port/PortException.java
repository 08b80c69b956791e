package dev.shadowplane.dataplane.port;

/** A port cannot be had. The message is one line and names the port and the remedy. */
public final class PortException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A refusal.
   *
   * @param message one line
   */
  public PortException(String message) {
    super(message);
  }
}
