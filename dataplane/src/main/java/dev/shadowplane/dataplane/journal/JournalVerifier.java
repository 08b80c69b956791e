package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads every document of a journal and checks it: checksums, numbers without a gap, frames within
 * their documents, and, with the keys, that what is encrypted has not been changed.
 */
public final class JournalVerifier {
  private final Consumer<JournalException> damages;
  private final Watcher watcher;
  private final DocumentTally tally = new DocumentTally();
  private long passedBytes;
  private long plannedBytes;

  /**
   * What was read.
   *
   * @param documents intact ones
   * @param frames in intact documents
   * @param bytes of intact documents
   * @param damages how many places are damaged
   * @param unopened of the documents those that are encrypted, where no keys were given: their
   *     checksums are right
   */
  public record Result(long documents, long frames, long bytes, long damages, long unopened) {}

  /** Watches the work. */
  @FunctionalInterface
  public interface Watcher {
    /**
     * Called with each document.
     *
     * @param frames seen so far
     * @param passedBytes of the files gone through so far
     * @param plannedBytes of all files
     */
    void at(long frames, long passedBytes, long plannedBytes);
  }

  private static final class DocumentTally {
    private long documents;
    private long frames;
    private long bytes;
    private long damages;
    private long unopened;
  }

  private JournalVerifier(Consumer<JournalException> damages, Watcher watcher) {
    this.damages = damages;
    this.watcher = watcher;
  }

  /**
   * Verifies a journal, which may be in use.
   *
   * @param query what to read; its time range is of no account, all is read
   * @param damages is told each damaged place
   * @param watcher is told how far the work is
   * @throws IOException when there is no journal, or a key is missing in the file given
   */
  public static Result run(JournalQuery query, Consumer<JournalException> damages, Watcher watcher)
      throws IOException {
    JournalVerifier verifier = new JournalVerifier(damages, watcher);
    Map<Integer, Path> queues = JournalFiles.queues(query.folder());
    boolean found = false;
    for (Path queue : queues.values()) {
      for (Path file : JournalFiles.list(queue).values()) {
        found = true;
        verifier.plannedBytes += file.toFile().length();
      }
    }
    if (!found) {
      throw new JournalException(
          query.folder(), "no journal: the folder holds no " + JournalFiles.SUFFIX + " file");
    }
    for (Map.Entry<Integer, Path> queue : queues.entrySet()) {
      verifier.queue(queue.getValue(), queue.getKey(), query.keys().orElse(null));
    }
    DocumentTally tally = verifier.tally;
    return new Result(tally.documents, tally.frames, tally.bytes, tally.damages, tally.unopened);
  }

  private void queue(Path folder, int number, @Nullable JournalKeys keys) throws IOException {
    DocumentBody body = new DocumentBody(number, keys);
    try (JournalCursor cursor = new JournalCursor(folder, Long.MIN_VALUE, Long.MAX_VALUE, false)) {
      boolean more = true;
      while (more) {
        try {
          switch (cursor.next()) {
            case DOCUMENT -> document(cursor, body, keys != null);
            case GAP -> damage(new JournalException(cursor.gap()));
            default -> more = false;
          }
        } catch (JournalException e) {
          damage(e);
        } catch (DocumentBody.NoKeyException e) {
          throw new JournalException(cursor.path(), String.valueOf(e.getMessage()), e);
        }
        watcher.at(tally.frames, passedBytes + cursor.passedBytes(), plannedBytes);
      }
      passedBytes += cursor.passedBytes();
    }
  }

  private void damage(JournalException damage) {
    tally.damages++;
    damages.accept(damage);
  }

  private void document(JournalCursor cursor, DocumentBody body, boolean keys)
      throws DocumentBody.NoKeyException {
    DocumentHeader header = cursor.header();
    String fault = null;
    if (header.isEncrypted() && !keys) {
      tally.unopened++;
    } else {
      fault = body.open(header, cursor.memory(), cursor.cycle());
      if (fault == null) {
        fault = fault(header, body);
      }
    }
    if (fault == null) {
      tally.documents++;
      tally.bytes += header.lengthBytes();
      tally.frames += Integer.toUnsignedLong(header.frameCount());
    } else {
      damage(new JournalException(cursor.path(), "document " + header.number() + ": " + fault));
    }
  }

  private static @Nullable String fault(DocumentHeader header, DocumentBody body) {
    try {
      switch (header.type()) {
        case JournalFormat.TYPE_SESSION ->
            JournalFormat.decodeSession(header.sessionNs(), body.bytes());
        case JournalFormat.TYPE_RULES -> JournalFormat.decodeRules(body.bytes());
        case JournalFormat.TYPE_FRAMES -> {
          return framesFault(header, body);
        }
        default -> {
          return null;
        }
      }
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
    return null;
  }

  private static @Nullable String framesFault(DocumentHeader header, DocumentBody body) {
    int frames = 0;
    int at = body.start();
    while (at < body.end()) {
      int rest = body.end() - at - JournalFormat.RECORD_PREFIX_BYTES;
      int length = rest < 0 ? -1 : body.buffer().getInt(at, LITTLE_ENDIAN);
      if (length < JournalRing.FRAME_OFFSET || length > rest) {
        return "a frame of " + length + " bytes leaves its document";
      }
      frames++;
      at += JournalFormat.RECORD_PREFIX_BYTES + length;
    }
    return frames == header.frameCount()
        ? null
        : "holds " + frames + " frames where its header says " + header.frameCount();
  }
}
