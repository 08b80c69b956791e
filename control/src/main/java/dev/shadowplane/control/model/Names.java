package dev.shadowplane.control.model;

import java.util.regex.Pattern;

/**
 * What names may be: they become parts of namespaces, control groups, files and rules, and are
 * shown to people, so only lower-case ASCII letters, digits and hyphens, as in labels of host names
 * (RFC 1123).
 */
public final class Names {
  /** The longest name, in characters. */
  public static final int MAX_LENGTH = 40;

  private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?");

  private Names() {}

  /** Whether a text may be a name. */
  public static boolean valid(final String text) {
    return NAME.matcher(text).matches();
  }
}
