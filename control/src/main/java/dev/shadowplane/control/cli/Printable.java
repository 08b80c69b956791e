package dev.shadowplane.control.cli;

/** Text from outside, made safe for a terminal. */
final class Printable {
  private Printable() {}

  /** The text on one line, with every control character replaced. */
  static String line(final String text) {
    return text.replaceAll("\\R", " ").replaceAll("\\p{Cntrl}", "?");
  }
}
