package dev.shadowplane.control.feed;

import java.nio.charset.StandardCharsets;

/** How bytes of a client are shown: printable and short. */
final class Preview {
  private static final int MAX_CHARACTERS = 200;

  private Preview() {}

  /** The first line of some bytes; what is not printable ASCII becomes a dot. */
  static String of(final byte[] bytes) {
    int end = 0;
    while (end < bytes.length && end < MAX_CHARACTERS && bytes[end] != '\r' && bytes[end] != '\n') {
      end++;
    }
    return of(new String(bytes, 0, end, StandardCharsets.ISO_8859_1));
  }

  /** A text likewise. */
  static String of(final String text) {
    final String cut = text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) : text;
    return cut.replaceAll("[^\\x20-\\x7e]", ".");
  }
}
