package dev.shadowplane.control.provision;

/** A provisioner could not be asked; the message is a line for people. */
public final class ProvisionException extends Exception {
  private static final long serialVersionUID = 1;

  /** An exception with its message. */
  public ProvisionException(final String message) {
    super(message);
  }

  /** An exception with its cause. */
  public ProvisionException(final String message, final Throwable cause) {
    super(message, cause);
  }
}
