package dev.shadowplane.control.shadow;

/** An operation was refused and has changed nothing; the message is for people. */
public final class ShadowException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /** An exception with its message, which says what is wrong and what to do. */
  public ShadowException(final Reason reason, final String message) {
    super(message);
    this.reason = reason;
  }

  /** Why it was refused. */
  public Reason reason() {
    return reason;
  }

  /** Why an operation is refused. */
  public enum Reason {
    /** What is asked for makes no sense. */
    INVALID,
    /** There is no such network, shadow or version. */
    NOT_FOUND,
    /** A name belongs to another network. */
    TAKEN,
    /** This control is not set up for it. */
    NOT_SET_UP,
    /** Too much is waiting already. */
    BUSY
  }
}
