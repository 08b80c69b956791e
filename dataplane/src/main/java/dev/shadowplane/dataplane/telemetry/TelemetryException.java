package dev.shadowplane.dataplane.telemetry;

/** A mapped file cannot be made, opened or used; the message is one line with the remedy. */
public class TelemetryException extends RuntimeException {
  /** Says what is wrong and what to do. */
  public TelemetryException(final String message) {
    super(message);
  }

  /** Says what is wrong and what to do, and keeps the cause. */
  public TelemetryException(final String message, final Throwable cause) {
    super(message, cause);
  }
}
