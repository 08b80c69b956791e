package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.SortedMap;
import net.openhft.chronicle.bytes.BytesStore;
import org.jspecify.annotations.Nullable;

/**
 * Has the disk's blocks reserved before the queue touches them through its mapping. Where a block
 * is missing and the disk is full, a plain store raises an InternalError, but a compare-and-set
 * that is not compiled yet ends the process with SIGBUS; a reservation that comes before is refused
 * politely. In a file that was written before, it also clears what a killed writer left behind the
 * last document.
 *
 * <p>Belongs to the writer's thread, but for {@link #ahead}.
 */
final class JournalSpace implements AutoCloseable {
  /** Ahead of every document: the next header, and the indices that the queue puts in between. */
  static final int SLACK_BYTES = 1 << 20;

  private static final int STEP_BYTES = 1 << 20;
  private static final int LARGE_STEP_BYTES = 8 << 20;
  private static final int METADATA_BYTES = 128 << 10;
  private static final int START_BYTES = 256;
  private static final String DAMAGED_SUFFIX = ".damaged";
  private static final String METADATA_FILE = "metadata.cq4t";

  /** Set in the first word of a file until its header is complete. */
  private static final int NOT_COMPLETE = 0x8000_0000;

  private final Path folder;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(METADATA_BYTES);
  private final ByteBuffer start = ByteBuffer.allocateDirect(START_BYTES).order(LITTLE_ENDIAN);
  private volatile @Nullable JournalAhead ahead;

  /** Whether all behind the last document is zeros. */
  private boolean clear;

  JournalSpace(Path folder) {
    this.folder = folder;
  }

  /**
   * Prepares the folder for the queue to open, which would wait in vain for a header that was never
   * completed: such a newest file is deleted when it was never begun, and renamed otherwise.
   *
   * @return the newest cycle with a file, or {@link Integer#MIN_VALUE}
   */
  int openFolder() throws IOException {
    try (FileChannel metadata = open(folder.resolve(METADATA_FILE))) {
      if (isBlank(metadata)) {
        metadata.truncate(0);
        zero(metadata, 0, METADATA_BYTES);
      }
    }
    SortedMap<Integer, Path> files = JournalFiles.list(folder);
    while (!files.isEmpty()) {
      int newest = files.lastKey();
      if (openFile(newest)) {
        return newest;
      }
      putAside(JournalFiles.file(folder, newest));
      files.remove(newest);
    }
    return Integer.MIN_VALUE;
  }

  /** A file of zeros was never begun; anything else may be damage, which is not ours to delete. */
  private void putAside(Path file) throws IOException {
    if (start.equals(zeros.slice(0, start.limit()))) {
      Files.delete(file);
    } else {
      Files.move(file, Path.of(file + DAMAGED_SUFFIX), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Makes the file of a new cycle, or one that holds documents already, the current one. */
  void enter(int cycle) throws IOException {
    if (openFile(cycle)) {
      return;
    }
    Path file = JournalFiles.file(folder, cycle);
    try (FileChannel blank = open(file)) {
      blank.truncate(0);
    }
    Objects.requireNonNull(ahead).reserve(0, SLACK_BYTES + STEP_BYTES);
    clear = true;
  }

  /** Opens or creates a cycle's file; false when it holds nothing. */
  private boolean openFile(int cycle) throws IOException {
    close();
    Path file = JournalFiles.file(folder, cycle);
    try (FileChannel opened = open(file)) {
      ahead = new JournalAhead(file);
      clear = false;
      return !isBlank(opened);
    }
  }

  /** Makes a document at this place in the current file, and what follows it, safe to touch. */
  void reserve(long position, int lengthBytes) throws IOException {
    JournalAhead current = Objects.requireNonNull(ahead);
    long needed = position + lengthBytes + SLACK_BYTES;
    if (clear && current.covers(needed)) {
      return;
    }
    if (clear) {
      long from = current.reservedTo();
      try {
        current.reserve(from, needed + LARGE_STEP_BYTES);
      } catch (IOException e) {
        current.reserve(from, needed + STEP_BYTES);
      }
      return;
    }
    long end = position + Math.max(lengthBytes, JournalOptions.MAX_BATCH_BYTES) + 2L * SLACK_BYTES;
    current.reserve(position, end);
    try (FileChannel used = open(current.file())) {
      zero(used, position, end);
    }
    clear = true;
  }

  /** A document has been written through this mapping, up to this place. */
  void written(BytesStore<?, ?> mapping, long end) {
    JournalAhead current = ahead;
    if (current != null) {
      current.written(mapping, end);
    }
  }

  /** The current file, for the helper; null while there is none. */
  @Nullable JournalAhead ahead() {
    return ahead;
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Whether the header is missing or was never completed; its start is in {@link #start} then. */
  private boolean isBlank(FileChannel file) throws IOException {
    start.clear();
    boolean more = true;
    while (more && start.hasRemaining()) {
      more = file.read(start, start.position()) >= 0;
    }
    start.flip();
    int header = start.remaining() < Integer.BYTES ? 0 : start.getInt(0);
    return header == 0 || (header & NOT_COMPLETE) != 0;
  }

  private void zero(FileChannel file, long from, long to) throws IOException {
    long at = from;
    while (at < to) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
      at += file.write(zeros, at);
    }
  }

  @Override
  public void close() {
    ahead = null;
  }
}
