package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One file of a queue, read through a buffer by positional reads. It is never mapped: a file that
 * is cut short, or lies on a failing disk, gives an exception and not a fault.
 *
 * <p>Chronicle puts a word before each document, at a multiple of four: 30 bits of length, a bit
 * for documents of its own (the header and the index), and a bit while a document is being written.
 * Where nothing has been written there are zeros.
 */
final class QueueFile implements AutoCloseable {
  static final int WORD_BYTES = 4;
  static final int NOT_COMPLETE = 0x8000_0000;
  static final int META_DATA = 0x4000_0000;

  /** The word that ends a file, when the queue has gone on to the next. */
  static final int END_OF_FILE = NOT_COMPLETE | META_DATA;

  private static final int LENGTH_MASK = 0x3FFF_FFFF;

  /** Read at once, at least, behind a jump: a page. */
  private static final int LEAST_AHEAD_BYTES = 4 << 10;

  /** Read at once after some steps without a jump. */
  private static final int MOST_AHEAD_BYTES = 1 << 20;

  /** No such bytes. */
  static final int ABSENT = -1;

  private final Path path;
  private final FileChannel channel;
  private final ReadBuffer memory;
  private final ByteBuffer oneWord = ByteBuffer.allocateDirect(WORD_BYTES).order(LITTLE_ENDIAN);
  private int aheadBytes = LEAST_AHEAD_BYTES;

  /** What of a file is in memory; one for a reader of many files, one after the other. */
  static final class ReadBuffer {
    private ByteBuffer bytes = ByteBuffer.allocateDirect(2 * MOST_AHEAD_BYTES);
    private final UnsafeBuffer view = new UnsafeBuffer(bytes);
    private long startPosition;
    private int filled;
    private long bytesRead;

    private void reserve(int lengthBytes) {
      if (lengthBytes > bytes.capacity()) {
        ByteBuffer larger = ByteBuffer.allocateDirect(Integer.highestOneBit(lengthBytes) * 2);
        larger.put(0, bytes, 0, filled);
        bytes = larger;
        view.wrap(larger);
      }
    }

    /** The bytes in memory, where {@link QueueFile#load} says. */
    UnsafeBuffer view() {
      return view;
    }

    /** The same bytes for classes that want this type; position and limit are anyone's. */
    ByteBuffer bytes() {
      return bytes;
    }

    /** Bytes taken from files so far. */
    long bytesRead() {
      return bytesRead;
    }
  }

  QueueFile(Path path, ReadBuffer memory) throws IOException {
    this.path = path;
    this.memory = memory;
    channel = FileChannel.open(path, StandardOpenOption.READ);
    forget();
  }

  Path path() {
    return path;
  }

  long sizeBytes() throws IOException {
    return channel.size();
  }

  /** Lets go of what is in memory, because the writer may have changed it since. */
  void forget() {
    memory.filled = 0;
    aheadBytes = LEAST_AHEAD_BYTES;
  }

  /**
   * Brings bytes into memory; what was there before may move.
   *
   * @return the index of the first in the buffer, or {@link #ABSENT} when the file ends before
   */
  int load(long position, int lengthBytes) throws IOException {
    long offset = position - memory.startPosition;
    if (offset >= 0 && offset + lengthBytes <= memory.filled) {
      return (int) offset;
    }
    boolean jump = offset < 0 || offset > memory.filled;
    int kept = jump ? 0 : memory.filled - (int) offset;
    aheadBytes = jump ? LEAST_AHEAD_BYTES : Math.min(2 * aheadBytes, MOST_AHEAD_BYTES);
    memory.reserve(Math.max(lengthBytes, aheadBytes));
    if (kept > 0) {
      memory.view.putBytes(0, memory.view, (int) offset, kept);
    }
    memory.startPosition = position;
    memory.filled = kept;
    fill(Math.max(lengthBytes, aheadBytes));
    return memory.filled >= lengthBytes ? 0 : ABSENT;
  }

  private void fill(int wantedBytes) throws IOException {
    ByteBuffer bytes = memory.bytes;
    while (memory.filled < wantedBytes) {
      bytes.limit(wantedBytes).position(memory.filled);
      int count = channel.read(bytes, memory.startPosition + memory.filled);
      if (count <= 0) {
        break;
      }
      memory.filled += count;
      memory.bytesRead += count;
    }
    bytes.clear();
  }

  /** The word at a position; 0 behind the end of the file. */
  int word(long position) throws IOException {
    int index = load(position, WORD_BYTES);
    return index == ABSENT ? 0 : memory.view.getInt(index, LITTLE_ENDIAN);
  }

  /** The word at a position as it is at this moment. */
  int freshWord(long position) throws IOException {
    oneWord.clear();
    boolean more = true;
    while (more && oneWord.hasRemaining()) {
      int count = channel.read(oneWord, position + oneWord.position());
      memory.bytesRead += Math.max(count, 0);
      more = count > 0;
    }
    return oneWord.hasRemaining() ? 0 : oneWord.getInt(0);
  }

  /** Whether a word stands before a complete document. */
  static boolean isComplete(int word) {
    return word != 0 && (word & NOT_COMPLETE) == 0;
  }

  static boolean isMetaData(int word) {
    return (word & META_DATA) != 0;
  }

  static int lengthBytes(int word) {
    return word & LENGTH_MASK;
  }

  /** Where the word of the document behind this one is. */
  static long behind(long position, int lengthBytes) {
    return (position + WORD_BYTES + lengthBytes + WORD_BYTES - 1) & -WORD_BYTES;
  }

  UnsafeBuffer buffer() {
    return memory.view;
  }

  ByteBuffer bytes() {
    return memory.bytes;
  }

  @Override
  public void close() throws IOException {
    forget();
    channel.close();
  }
}
