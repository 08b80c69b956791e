package dev.shadowplane.dataplane.config;

/**
 * What somebody wrote cannot be used. The message is one line: where (file and line), what, the
 * limit and the remedy. Nothing has been changed.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A refusal.
   *
   * @param message one line
   */
  public ConfigException(String message) {
    super(message.replaceAll("[\\p{Cntrl}\u0080-\u009f\u2028\u2029]+", " "));
  }
}
