package dev.shadowplane.control.store;

/** A store cannot be opened, read or written; the message is one line with the remedy. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoreException(final String message) {
    super(message);
  }

  StoreException(final String message, final Throwable cause) {
    super(message, cause);
  }
}
