package dev.shadowplane.control.monitor.series;

/** The store of series cannot be used; the message is a line for people. */
public final class SeriesException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** An exception with its message. */
  public SeriesException(final String message) {
    super(message);
  }

  /** An exception with its cause. */
  public SeriesException(final String message, final Throwable cause) {
    super(message, cause);
  }
}
