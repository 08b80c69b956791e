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
import org.jspecify.annotations.Nullable;

/**
 * Has the disk's blocks allocated before the queue touches them through its mapping. Where a block
 * is missing and the disk is full, a plain store raises an InternalError, but a compare-and-set
 * that is not compiled yet ends the process with SIGBUS; a write that comes before is refused
 * politely.
 *
 * <p>What is written are zeros behind the last document, which also clears what a killed writer
 * left there. Belongs to the writer's thread.
 */
final class JournalSpace implements AutoCloseable {
  /** Ahead of every document: the next header, and the indices that the queue puts in between. */
  private static final int SLACK_BYTES = 1 << 20;

  private static final int STEP_BYTES = 1 << 20;
  private static final int METADATA_BYTES = 128 << 10;
  private static final int START_BYTES = 256;
  private static final String DAMAGED_SUFFIX = ".damaged";
  private static final String METADATA_FILE = "metadata.cq4t";

  /** Set in the first word of a file until its header is complete. */
  private static final int NOT_COMPLETE = 0x8000_0000;

  private final Path folder;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(STEP_BYTES);
  private final ByteBuffer start = ByteBuffer.allocateDirect(START_BYTES).order(LITTLE_ENDIAN);
  private @Nullable FileChannel channel;

  /** Whether all behind the last document and before {@link #reservedTo} is zeros of ours. */
  private boolean known;

  private long reservedTo;

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
      close();
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
    FileChannel opened = Objects.requireNonNull(channel);
    opened.truncate(0);
    zero(opened, 0, SLACK_BYTES + STEP_BYTES);
    reservedTo = SLACK_BYTES + STEP_BYTES;
    known = true;
  }

  /** Opens or creates a cycle's file; false when it holds nothing. */
  private boolean openFile(int cycle) throws IOException {
    close();
    FileChannel opened = open(JournalFiles.file(folder, cycle));
    channel = opened;
    known = false;
    return !isBlank(opened);
  }

  /** Makes a document at this place in the current file, and what follows it, safe to touch. */
  void reserve(long position, int lengthBytes) throws IOException {
    long needed = position + lengthBytes + SLACK_BYTES;
    FileChannel open = channel;
    if (open == null || (reservedTo >= needed && known)) {
      return;
    }
    long from = reservedTo;
    long to = needed + STEP_BYTES;
    if (!known) {
      from = position;
      to = Math.max(to, position + JournalOptions.MAX_BATCH_BYTES + SLACK_BYTES);
    }
    zero(open, from, to);
    reservedTo = to;
    known = true;
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
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    reservedTo = 0;
    if (open != null) {
      open.close();
    }
  }
}
