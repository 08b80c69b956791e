package dev.shadowplane.control.provision.netns;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Users that nobody else is.
 *
 * @param first the first one.
 * @param last the last one.
 */
public record UidRange(int first, int last) {
  /** Those that systemd keeps for services of its own (DynamicUser=), and that no package takes. */
  public static final UidRange DEFAULT = new UidRange(61_184, 65_519);

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})-(\\d{1,9})");
  private static final int LOWEST = 1_000;

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is none; the message says what to do.
   */
  public static UidRange of(final String text) {
    final Matcher form = FORM.matcher(text);
    if (form.matches()) {
      final UidRange range =
          new UidRange(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
      if (range.first >= LOWEST && range.first <= range.last) {
        return range;
      }
    }
    throw new IllegalArgumentException(
        "give two user numbers from " + LOWEST + " on, as in " + DEFAULT);
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }
}
