package dev.shadowplane.dataplane.journal;

import java.nio.file.Path;

/**
 * A place of a journal that cannot be read, between what can.
 *
 * @param file the file it is in
 * @param fromByte offset of its first byte
 * @param toByte offset of the first byte behind it; the same where documents are missing that have
 *     left no trace
 * @param sessionNs the session of the documents concerned, 0 when it is not known
 * @param firstDocument the number of the first document missing, {@link #UNKNOWN} when it is not
 *     known
 * @param documents how many documents are missing, {@link #UNKNOWN} when no intact document of the
 *     session follows
 * @param reason what is wrong
 */
public record JournalGap(
    Path file,
    long fromByte,
    long toByte,
    long sessionNs,
    long firstDocument,
    long documents,
    String reason) {
  /** Not known. */
  public static final long UNKNOWN = -1;

  /** The same place, and what is missing there. */
  JournalGap missing(long session, long first, long count) {
    return new JournalGap(
        file, fromByte, toByte, first == UNKNOWN ? 0 : session, first, count, reason);
  }

  /** What is told of it behind the file's name. */
  String text() {
    String place =
        fromByte == toByte ? "at byte " + fromByte : "bytes " + fromByte + " to " + (toByte - 1);
    return place + ": " + reason + ": " + missing();
  }

  private String missing() {
    if (firstDocument == UNKNOWN) {
      return "it is not known what is missing";
    }
    if (documents == UNKNOWN) {
      return "documents from " + firstDocument + " on are missing";
    }
    if (documents == 0) {
      return "no document is missing";
    }
    return documents == 1
        ? "document " + firstDocument + " is missing"
        : documents
            + " documents, "
            + firstDocument
            + " to "
            + (firstDocument + documents - 1)
            + ", are missing";
  }
}
