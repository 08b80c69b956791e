package dev.shadowplane.control.api;

/**
 * A configuration or an input that cannot be used; the message is one line that names the thing,
 * the limit and the remedy.
 */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates one.
   *
   * @param message one line: what is wrong and what to do.
   */
  public ConfigurationException(final String message) {
    super(message);
  }
}
