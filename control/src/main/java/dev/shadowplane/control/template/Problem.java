package dev.shadowplane.control.template;

import java.util.regex.Pattern;

/**
 * Something in a template that cannot be used.
 *
 * @param source what the template is called: a file, mostly.
 * @param line the line, from 1 on; 0 if it is about the whole.
 * @param path where in the structure, as in {@code network.vms[3].nics[0].addresses[1]}; empty for
 *     the whole.
 * @param text the value, what is wrong with it, and the remedy.
 */
public record Problem(String source, int line, String path, String text) {
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\p{Cntrl}\u0080-\u009f\u2028\u2029]+");

  /** Keeps each part on one line. */
  public Problem {
    path = UNPRINTABLE.matcher(path).replaceAll(" ");
    text = UNPRINTABLE.matcher(text).replaceAll(" ");
  }

  /** One line, as in {@code shop.yaml:12: network.name: Shop: give 1 to 40 ...}. */
  @Override
  public String toString() {
    return source
        + (line > 0 ? ":" + line : "")
        + ": "
        + (path.isEmpty() ? "" : path + ": ")
        + text;
  }
}
