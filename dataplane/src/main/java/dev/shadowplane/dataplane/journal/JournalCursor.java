package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedMap;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/** Goes through the documents of one queue, and from a file that cannot be followed to the next. */
final class JournalCursor implements AutoCloseable {
  /** No more documents at present. */
  static final int END = -1;

  /** Of no file: behind every other. */
  private static final int NO_CYCLE = Integer.MAX_VALUE;

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

  /** The first cycle after this one that has a file. */
  private int cycleAfter(int previous) throws JournalException {
    try {
      SortedMap<Integer, Path> later = JournalFiles.list(folder).tailMap(previous + 1);
      return later.isEmpty() ? NO_CYCLE : later.firstKey();
    } catch (IOException e) {
      throw new JournalException(folder, "no journal: the folder cannot be read", e);
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
        if (cycle == NO_CYCLE) {
          cycle = cycleAfter(Integer.MIN_VALUE);
          if (cycle == NO_CYCLE) {
            return END;
          }
        }
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
    return JournalFiles.file(folder, cycle);
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
