package dev.shadowplane.control.replication;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of a record of a hook's stream: a line {@code KIND VERSION TIME LENGTH}, after which
 * come as many bytes as it says.
 *
 * @param kind what it is.
 * @param version what the target holds when it has applied it; the name of a barrier.
 * @param timeNs when the source committed it, in nanoseconds since 1970.
 * @param length the bytes that follow, at most {@value #MAX_BYTES}.
 */
record HookRecord(Kind kind, String version, long timeNs, long length) {
  /** The most that one record may carry. */
  static final long MAX_BYTES = 512L << 20;

  /** The version of a mark that only says that the hook lives. */
  static final String NO_VERSION = "-";

  private static final int MAX_HEAD = 300;
  private static final Pattern HEAD =
      Pattern.compile(
          "(begin|part|end|change|mark|barrier) ([!-~]{1,200}) ([0-9]{1,19}) ([0-9]{1,12})");

  /** What a record is. */
  enum Kind {
    /** A complete state follows: what it does not name is to go. */
    BEGIN,
    /** A part of it. */
    PART,
    /** It was complete. */
    END,
    /** One change. */
    CHANGE,
    /** Nothing changed; nobody knows of a version if that is {@link #NO_VERSION}. */
    MARK,
    /** All that was committed before the barrier was asked for came before this. */
    BARRIER
  }

  /**
   * Reads the next head.
   *
   * @return null at the end of the stream.
   * @throws IOException if it is none, or the stream cannot be read.
   */
  static @Nullable HookRecord read(final InputStream in, final String who) throws IOException {
    final StringBuilder line = new StringBuilder();
    int c = in.read();
    if (c < 0) {
      return null;
    }
    while (c != '\n') {
      if (c < 0 || line.length() == MAX_HEAD) {
        throw new IOException(who + " wrote what is no record: '" + line + "'");
      }
      line.append((char) c);
      c = in.read();
    }
    final Matcher head = HEAD.matcher(line);
    if (!head.matches()) {
      throw new IOException(who + " wrote what is no record: '" + line + "'");
    }
    final long length = Long.parseLong(head.group(4));
    final long timeNs;
    try {
      timeNs = Long.parseLong(head.group(3));
    } catch (NumberFormatException e) {
      throw new IOException(who + " wrote a time that is none: '" + line + "'", e);
    }
    if (length > MAX_BYTES) {
      throw new IOException(
          who + " wrote a record of " + length + " bytes: " + MAX_BYTES + " are the most");
    }
    return new HookRecord(
        Kind.valueOf(head.group(1).toUpperCase(Locale.ROOT)), head.group(2), timeNs, length);
  }

  /** The line, with its end. */
  byte[] head() {
    return (kind.name().toLowerCase(Locale.ROOT)
            + " "
            + version
            + " "
            + timeNs
            + " "
            + length
            + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
