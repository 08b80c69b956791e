package dev.shadowplane.control.feed;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Adds up an answer. */
final class AnswerDigest {
  private final MessageDigest digest;
  private long bytes;
  private long lastNs;

  AnswerDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  void add(final byte[] more, final int offset, final int count, final long timeNs) {
    digest.update(more, offset, count);
    bytes += count;
    lastNs = timeNs;
  }

  long bytes() {
    return bytes;
  }

  /** When the last bytes came. */
  long lastNs() {
    return lastNs;
  }

  /** The answer to a request that ended at a time; this is empty again afterwards. */
  Answer end(final int status, final long askedNs, final long answeredNs) {
    final Answer answer =
        new Answer(
            status,
            bytes,
            HexFormat.of().formatHex(digest.digest()),
            Math.max(0, answeredNs - askedNs));
    bytes = 0;
    return answer;
  }
}
