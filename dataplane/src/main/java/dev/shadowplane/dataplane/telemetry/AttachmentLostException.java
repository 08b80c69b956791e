package dev.shadowplane.dataplane.telemetry;

/**
 * There is no attachment, or it ended before the reply came. In the second case the command may or
 * may not have been carried out: reconcile after the next attachment.
 */
public final class AttachmentLostException extends TelemetryException {
  /** Says which of the two it is. */
  public AttachmentLostException(final String message) {
    super(message);
  }
}
