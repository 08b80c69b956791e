package dev.shadowplane.control.replication;

/** Something is never brought over as it is; the message says why. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedException(final String message) {
    super(message);
  }
}
