package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/** Goes through the documents of a queue, and from a file that cannot be followed to the next. */
final class JournalCursor implements AutoCloseable {
  /** No more documents at present. */
  static final int END = -1;

  /** Of no file: behind every other. */
  private static final int NO_CYCLE = Integer.MAX_VALUE;

  private static final DateTimeFormatter FILE_NAME =
      DateTimeFormatter.ofPattern(JournalQueue.ROLL_CYCLE.format()).withZone(ZoneOffset.UTC);
  private static final String FILE_SUFFIX = ".cq4";

  private final Path folder;
  private final JournalDocument target;
  private final SingleChronicleQueue queue;
  private ExcerptTailer tailer;
  private int cycle;
  private long index;
  private boolean positioned;
  private boolean lost;

  JournalCursor(Path folder, JournalDocument target) throws JournalException {
    this.folder = folder;
    this.target = target;
    cycle = cycleAfter(Integer.MIN_VALUE);
    if (cycle == NO_CYCLE) {
      throw new JournalException(
          folder, "no journal: the folder holds no " + FILE_SUFFIX + " file");
    }
    SingleChronicleQueue opened = null;
    ExcerptTailer first = null;
    try {
      opened = JournalQueue.openToRead(folder);
      first = opened.createTailer();
    } catch (JournalException e) {
      throw e;
    } catch (Throwable e) {
      closeQuietly(opened);
      throw new JournalException(folder, "the journal cannot be opened: " + e.getMessage(), e);
    }
    queue = opened;
    tailer = first;
  }

  /**
   * The first file after this cycle, from the folder itself: what the queue's metadata says of the
   * first file is stale once that has been deleted.
   */
  private int cycleAfter(int previous) throws JournalException {
    int found = NO_CYCLE;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + FILE_SUFFIX)) {
      for (Path file : files) {
        int candidate = cycle(file);
        if (candidate > previous && candidate < found) {
          found = candidate;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new JournalException(folder, "no journal: the folder cannot be read", e);
    }
    return found;
  }

  private static int cycle(Path file) {
    String name = file.getFileName().toString();
    try {
      String start = name.substring(0, name.length() - FILE_SUFFIX.length());
      long startMs = FILE_NAME.parse(start, Instant::from).toEpochMilli();
      return Math.toIntExact(startMs / JournalQueue.ROLL_CYCLE.lengthInMillis());
    } catch (DateTimeException | ArithmeticException e) {
      return NO_CYCLE;
    }
  }

  /**
   * Copies the next document into the target.
   *
   * @return its length, or {@link #END}
   * @throws JournalException when the rest of the current file is lost, or the document is too
   *     long; the next call goes on behind
   */
  int next() throws JournalException {
    if (lost) {
      return END;
    }
    try {
      if (!positioned) {
        positioned = true;
        tailer.moveToIndex(JournalQueue.ROLL_CYCLE.toIndex(cycle, 0));
      }
      return copyNext();
    } catch (JournalException e) {
      throw e;
    } catch (Throwable e) {
      JournalException damage =
          new JournalException(
              file(), "unreadable behind document " + sequence() + ": " + e.getMessage(), e);
      skipFile(damage);
      throw damage;
    }
  }

  private int copyNext() throws JournalException {
    try (DocumentContext context = tailer.readingDocument()) {
      if (!context.isPresent()) {
        return END;
      }
      index = context.index();
      cycle = JournalQueue.ROLL_CYCLE.toCycle(index);
      Bytes<?> bytes = context.wire().bytes();
      long length = bytes.readRemaining();
      if (length > target.capacityBytes()) {
        throw damage("a document of " + length + " bytes exceeds " + target.capacityBytes());
      }
      bytes.copyTo(target.store());
      JournalQueue.raisePendingFault();
      return (int) length;
    }
  }

  private void skipFile(Throwable reason) {
    try {
      int next = cycleAfter(cycle);
      closeQuietly(tailer);
      tailer = queue.createTailer();
      lost = next == NO_CYCLE || !tailer.moveToIndex(JournalQueue.ROLL_CYCLE.toIndex(next, 0));
      cycle = next;
      index = JournalQueue.ROLL_CYCLE.toIndex(next, 0);
    } catch (Throwable e) {
      reason.addSuppressed(e);
      lost = true;
    }
  }

  /** Damage in the document that was read last. */
  JournalException damage(String reason) {
    return new JournalException(file(), "document " + sequence() + ": " + reason);
  }

  private long sequence() {
    return JournalQueue.ROLL_CYCLE.toSequenceNumber(index);
  }

  private Path file() {
    long startMs = (long) cycle * JournalQueue.ROLL_CYCLE.lengthInMillis();
    return folder.resolve(FILE_NAME.format(Instant.ofEpochMilli(startMs)) + FILE_SUFFIX);
  }

  private static void closeQuietly(net.openhft.chronicle.core.io.@Nullable Closeable closeable) {
    net.openhft.chronicle.core.io.Closeable.closeQuietly(closeable);
  }

  @Override
  public void close() {
    closeQuietly(tailer);
    closeQuietly(queue);
  }
}
