package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalGap.UNKNOWN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the documents of a queue's files. Where one is damaged it goes on with the next that
 * is intact, found by its magic and checksum, and tells the gap between. Documents count from 0
 * within their session: a gap says how many are missing once a later one has been seen, also in the
 * file that follows.
 *
 * <p>A frames document outside the time range is passed over by its header; all others are read
 * whole and checked.
 */
final class DocumentScanner {
  /** What a step came upon. */
  enum Step {
    /** An intact document: {@link #header}. */
    DOCUMENT,
    /** A damaged place: {@link #gap}. */
    GAP,
    /** What the writer has not written yet. */
    END,
    /** The end of the file, or of the part of it to read. */
    FINISHED
  }

  private static final long NOWHERE = -1;
  private static final int SCAN_BYTES = 1 << 20;
  private static final int MAX_SESSIONS = 1_024;

  /** Checksums that a search computes in vain, beyond a share of what it goes through. */
  private static final long SEARCH_BUDGET_BYTES = 64L << 20;

  private static final int SEARCH_BUDGET_SHARE = 8;
  private static final long LOOK_INTERVAL_NS = 1_000_000_000;

  private final long fromNs;
  private final long toNs;
  private final DocumentHeader header;
  private @Nullable QueueFile file;
  private long position;
  private long end;

  // What the next document should be.
  private long sessionNs;
  private long nextNumber = UNKNOWN;

  /** Where other sessions have ended: they go on, where the clock was set back between them. */
  private final Map<Long, Long> nextOfOthers = new LinkedHashMap<>();

  private boolean firstOfFile;
  private boolean whole;
  private @Nullable JournalGap gap;

  /** A gap of which it is not known yet what is missing. */
  private @Nullable JournalGap pending;

  /** Whether the gap may be what a killed writer left, with nothing missing. */
  private boolean pendingHarmless;

  private long lookedBeyond = NOWHERE;
  private long rechecked = NOWHERE;
  private long nextLookNs = System.nanoTime();

  /** For frames documents with frames of a time range. */
  DocumentScanner(QueueFile.ReadBuffer memory, long fromNs, long toNs) {
    this.fromNs = fromNs;
    this.toNs = toNs;
    header = new DocumentHeader(memory.view());
  }

  /**
   * Goes to a part of a file.
   *
   * @param continuing whether it follows what was read before, without a document between
   */
  void enter(QueueFile next, long startPosition, long endPosition, boolean continuing) {
    file = next;
    position = startPosition;
    end = endPosition;
    lookedBeyond = NOWHERE;
    rechecked = NOWHERE;
    firstOfFile = startPosition == 0;
    if (!continuing) {
      nextNumber = UNKNOWN;
      pending = null;
      nextOfOthers.clear();
    }
  }

  /** The document of the last step; valid until the next. */
  DocumentHeader header() {
    return header;
  }

  /** Whether all of the document is in memory and checked, or its header alone. */
  boolean isWhole() {
    return whole;
  }

  /** The gap of the last step. */
  JournalGap gap() {
    return Objects.requireNonNull(gap);
  }

  /** Where the next document should be. */
  long position() {
    return position;
  }

  private QueueFile file() {
    return Objects.requireNonNull(file);
  }

  /**
   * Takes a step.
   *
   * @param settled whether no writer adds to this file any more, or it is of no interest if one
   *     does
   */
  Step next(boolean settled) throws IOException {
    QueueFile open = file();
    while (position < end) {
      int word = open.word(position);
      if (word == QueueFile.END_OF_FILE) {
        return Step.FINISHED;
      }
      if (!QueueFile.isComplete(word)) {
        if (open.freshWord(position) != word) {
          open.forget();
        } else if (!passUnfinished(word, settled)) {
          return Step.END;
        }
      } else if (QueueFile.isMetaData(word)) {
        if (isChronicles(position, word)) {
          position = QueueFile.behind(position, QueueFile.lengthBytes(word));
        } else if (!passDamage(word, "a document of the queue's own is damaged", settled)) {
          return Step.END;
        }
      } else {
        Step step = document(word, settled);
        if (step != null) {
          return step;
        }
      }
    }
    return Step.FINISHED;
  }

  /**
   * Ends the gap that was still open, when nothing follows it.
   *
   * @return whether there was one, which is {@link #gap} then
   */
  boolean finishGap() {
    JournalGap open = pending;
    pending = null;
    if (open == null || pendingHarmless) {
      return false;
    }
    gap = open.missing(sessionNs, nextNumber, UNKNOWN);
    nextNumber = UNKNOWN;
    return true;
  }

  private @Nullable Step document(int word, boolean settled) throws IOException {
    int length = QueueFile.lengthBytes(word);
    String fault = headerFault(position, length);
    whole = fault == null && (isWanted() || pending != null || !isNext());
    if (whole) {
      fault = bodyFault(position, length);
    }
    if (fault != null) {
      return passDamage(word, fault, settled) ? null : Step.END;
    }
    if (closesGap()) {
      return Step.GAP;
    }
    if (header.sessionNs() != sessionNs) {
      leaveSession();
    }
    sessionNs = header.sessionNs();
    nextNumber = header.number() + 1;
    firstOfFile = false;
    position = QueueFile.behind(position, length);
    return Step.DOCUMENT;
  }

  private void leaveSession() {
    nextOfOthers.remove(header.sessionNs());
    if (nextNumber != UNKNOWN) {
      nextOfOthers.put(sessionNs, nextNumber);
    }
    if (nextOfOthers.size() > MAX_SESSIONS) {
      nextOfOthers.remove(nextOfOthers.keySet().iterator().next());
    }
  }

  /** The number that a session other than the current one goes on with. */
  private long nextOf(long otherNs) {
    return nextOfOthers.getOrDefault(otherNs, 0L);
  }

  private boolean isWanted() {
    return header.type() != JournalFormat.TYPE_FRAMES
        || (header.lastNs() >= fromNs && header.firstNs() < toNs);
  }

  private boolean isNext() {
    return nextNumber == UNKNOWN
        || (header.sessionNs() == sessionNs && header.number() == nextNumber)
        || (header.sessionNs() != sessionNs && header.number() == nextOf(header.sessionNs()));
  }

  /** What is wrong with the header of the document at a position, which it wraps, or null. */
  private @Nullable String headerFault(long at, int length) throws IOException {
    if (length < JournalFormat.HEADER_BYTES || length > DocumentHeader.MAX_DOCUMENT_BYTES) {
      return "a document of " + length + " bytes";
    }
    int index = file().load(at + QueueFile.WORD_BYTES, JournalFormat.HEADER_BYTES);
    if (index == QueueFile.ABSENT) {
      return "the file ends within a document";
    }
    header.wrap(file().buffer(), index);
    return header.fault(length);
  }

  private @Nullable String bodyFault(long at, int length) throws IOException {
    int index = file().load(at + QueueFile.WORD_BYTES, length);
    if (index == QueueFile.ABSENT) {
      return "the file ends within a document";
    }
    header.wrap(file().buffer(), index);
    return header.isIntact(file().bytes()) ? null : "the checksum does not match";
  }

  private boolean isIntact(long at) throws IOException {
    int word = file().word(at);
    return QueueFile.isComplete(word)
        && !QueueFile.isMetaData(word)
        && headerFault(at, QueueFile.lengthBytes(word)) == null
        && bodyFault(at, QueueFile.lengthBytes(word)) == null;
  }

  /** Whether a document with the bit of the queue's own is one, not one of ours with a bit more. */
  private boolean isChronicles(long at, int word) throws IOException {
    int index = file().load(at + QueueFile.WORD_BYTES, Integer.BYTES);
    return index != QueueFile.ABSENT
        && file().buffer().getInt(index, LITTLE_ENDIAN) != JournalFormat.MAGIC
        && QueueFile.behind(at, QueueFile.lengthBytes(word)) <= file().sizeBytes();
  }

  /** Whether this document shows that others before it are missing; it then comes again. */
  private boolean closesGap() {
    JournalGap open = pending;
    pending = null;
    boolean sameSession = header.sessionNs() == sessionNs;
    long first = nextNumber;
    long count = UNKNOWN;
    if (first == UNKNOWN) {
      if (open == null || pendingHarmless) {
        return false;
      }
    } else if (sameSession) {
      count = Math.max(0, header.number() - first);
      boolean resumed = header.type() == JournalFormat.TYPE_SESSION && !firstOfFile;
      if ((count == 0 || resumed) && (open == null || pendingHarmless)) {
        // A writer that the disk stopped leaves out numbers, and describes itself as it resumes.
        return false;
      }
    } else if (open == null || pendingHarmless) {
      // The session before ended as it should; this one begins, or goes on.
      first = nextOf(header.sessionNs());
      count = header.number() - first;
      if (count <= 0) {
        return false;
      }
    }
    JournalGap place =
        open == null
            ? new JournalGap(
                file().path(), position, position, 0, 0, 0, "document numbers leave a gap")
            : open;
    boolean startMissing = !sameSession && open != null && first != UNKNOWN && count == UNKNOWN;
    gap = place.missing(startMissing ? sessionNs : header.sessionNs(), first, count);
    final long begin = nextOf(header.sessionNs());
    if (!sameSession) {
      leaveSession();
    }
    sessionNs = header.sessionNs();
    nextNumber = startMissing ? begin : header.number();
    return true;
  }

  /** Goes beyond bytes that the writer has not written, if something intact is behind them. */
  private boolean passUnfinished(int word, boolean settled) throws IOException {
    if (position == lookedBeyond || (!settled && !isWriterBeyond())) {
      return false;
    }
    long found = isNothingBeyond() ? NOWHERE : findIntact(position + QueueFile.WORD_BYTES);
    if (file().freshWord(position) != word) {
      file().forget();
      return true;
    }
    if (found == NOWHERE) {
      lookedBeyond = settled ? position : NOWHERE;
      return false;
    }
    boolean harmless = pending == null || pendingHarmless;
    pend(found, word == 0 ? "zeros between documents" : "a document that was not completed");
    pendingHarmless = harmless;
    return true;
  }

  /** A window takes the queue's word for it; who reads everything looks also where that is lost. */
  private boolean isNothingBeyond() throws IOException {
    if (fromNs == Long.MIN_VALUE && toNs == Long.MAX_VALUE) {
      return false;
    }
    long last = QueueIndex.writePosition(file());
    return last > 0 && last <= position;
  }

  /** Whether the queue itself says that it has documents behind this place; asked now and then. */
  private boolean isWriterBeyond() throws IOException {
    long nowNs = System.nanoTime();
    if (nowNs - nextLookNs < 0) {
      return false;
    }
    nextLookNs = nowNs + LOOK_INTERVAL_NS;
    file().forget();
    return QueueIndex.writePosition(file()) > position;
  }

  /**
   * Goes beyond a damaged document.
   *
   * @return false when a writer may still put something intact behind it
   */
  private boolean passDamage(int word, String reason, boolean settled) throws IOException {
    QueueFile open = file();
    if (rechecked != position) {
      // Bytes read together with the word may be older than the word.
      rechecked = position;
      open.forget();
      return true;
    }
    long next = claimedEnd(word);
    if (next == NOWHERE) {
      next = findIntact(position + QueueFile.WORD_BYTES);
    }
    if (next == NOWHERE && !settled) {
      return false;
    }
    pend(next == NOWHERE ? Math.max(open.sizeBytes(), position + 1) : next, reason);
    pendingHarmless = false;
    return true;
  }

  private void pend(long next, String reason) {
    Path path = file().path();
    JournalGap open = pending;
    pending =
        open == null || !open.file().equals(path)
            ? new JournalGap(path, position, next, 0, 0, 0, reason)
            : new JournalGap(path, open.fromByte(), next, 0, 0, 0, open.reason());
    position = next;
  }

  /** Behind a damaged document, if its lengths agree and lead to something that fits; else none. */
  private long claimedEnd(int word) throws IOException {
    int length = QueueFile.lengthBytes(word);
    if (QueueFile.isMetaData(word)
        || length < JournalFormat.HEADER_BYTES
        || length > DocumentHeader.MAX_DOCUMENT_BYTES) {
      return NOWHERE;
    }
    int index = file().load(position + QueueFile.WORD_BYTES, JournalFormat.HEADER_BYTES);
    if (index == QueueFile.ABSENT) {
      return NOWHERE;
    }
    header.wrap(file().buffer(), index);
    if (header.lengthBytes() != length) {
      return NOWHERE;
    }
    long next = QueueFile.behind(position, length);
    int nextWord = file().word(next);
    boolean fits;
    if (nextWord == 0) {
      fits = findIntact(next) == NOWHERE;
    } else if (nextWord == QueueFile.END_OF_FILE) {
      fits = true;
    } else if (QueueFile.isMetaData(nextWord)) {
      fits = isChronicles(next, nextWord);
    } else {
      fits = isIntact(next) && isOneOn();
    }
    return fits ? next : NOWHERE;
  }

  private boolean isOneOn() {
    return nextNumber == UNKNOWN
        || (header.sessionNs() == sessionNs
            ? header.number() == nextNumber + 1
            : header.number() == nextOf(header.sessionNs()));
  }

  /** The word of the first intact document from a position on; a copy of an earlier one is none. */
  private long findIntact(long from) throws IOException {
    QueueFile open = file();
    long size = open.sizeBytes();
    long at = from;
    long wasted = 0;
    while (at <= size - QueueFile.WORD_BYTES - JournalFormat.HEADER_BYTES) {
      int length = (int) Math.min(size - at, SCAN_BYTES);
      int index = open.load(at, length);
      if (index == QueueFile.ABSENT) {
        return NOWHERE;
      }
      int found =
          DocumentHeader.findMagic(open.buffer(), index + QueueFile.WORD_BYTES, index + length);
      if (found == QueueFile.ABSENT) {
        at += length - QueueFile.WORD_BYTES;
        continue;
      }
      at += found - index - QueueFile.WORD_BYTES;
      if (isIntact(at)) {
        boolean same = header.sessionNs() == sessionNs;
        if (header.number() >= (same ? nextNumber : nextOf(header.sessionNs()))) {
          return at;
        }
      } else {
        wasted += Math.clamp(header.lengthBytes(), 0, DocumentHeader.MAX_DOCUMENT_BYTES);
        if (wasted > SEARCH_BUDGET_BYTES + SEARCH_BUDGET_SHARE * (at - from)) {
          return NOWHERE;
        }
      }
      at += QueueFile.WORD_BYTES;
    }
    return NOWHERE;
  }
}
