package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where some of a file's documents are, spread evenly over it: Chronicle notes every so many-th
 * while it writes, in documents of its own, two levels deep. Nothing relies on it: what contradicts
 * itself ends it early, and a file without it is read from its beginning.
 */
final class QueueIndex {
  private static final String ROOT = "index2index";
  private static final String WRITE_POSITION = "writePosition";
  private static final int FILE_HEAD_BYTES = 256;
  private static final int FIRST_DOCUMENTS = 8;
  private static final int NAME_BYTES = 32;
  private static final int ARRAY_HEAD_BYTES = 64;
  private static final int MAX_VALUES = 1 << 16;
  private static final int INITIAL_ENTRIES = 64;

  /** Codes of Chronicle's binary wire. */
  private static final int EVENT_NAME = 0xB9;

  private static final int PADDING = 0x8F;
  private static final int PADDING_32 = 0x8E;
  private static final int LONG_ARRAY = 0x8D;

  private final QueueFile file;
  private long[] positions = new long[INITIAL_ENTRIES];
  private int count;

  private QueueIndex(QueueFile file) {
    this.file = file;
  }

  /** The positions noted, ascending; none when there is no index to be made out. */
  static long[] positions(QueueFile file) throws IOException {
    QueueIndex index = new QueueIndex(file);
    for (long array : index.array(index.root())) {
      if (!index.take(index.array(array))) {
        break;
      }
    }
    return Arrays.copyOf(index.positions, index.count);
  }

  private boolean take(long[] entries) throws IOException {
    final long size = file.sizeBytes();
    for (long position : entries) {
      long previous = count == 0 ? 0 : positions[count - 1];
      if (position <= previous
          || position > size - QueueFile.WORD_BYTES
          || position % QueueFile.WORD_BYTES != 0) {
        return false;
      }
      if (count == positions.length) {
        positions = Arrays.copyOf(positions, 2 * count);
      }
      positions[count++] = position;
    }
    return entries.length > 0;
  }

  private long root() throws IOException {
    long position = 0;
    for (int i = 0; i < FIRST_DOCUMENTS; i++) {
      int word = file.word(position);
      if (!QueueFile.isComplete(word)) {
        break;
      }
      if (QueueFile.isMetaData(word) && name(position).equals(ROOT)) {
        return position;
      }
      position = QueueFile.behind(position, QueueFile.lengthBytes(word));
    }
    return QueueFile.ABSENT;
  }

  private String name(long position) throws IOException {
    int at = file.load(position + QueueFile.WORD_BYTES, NAME_BYTES);
    UnsafeBuffer buffer = file.buffer();
    if (at == QueueFile.ABSENT || (buffer.getByte(at) & 0xFF) != EVENT_NAME) {
      return "";
    }
    int length = Math.min(buffer.getByte(at + 1) & 0xFF, NAME_BYTES - 2);
    return buffer.getStringWithoutLengthAscii(at + 2, length);
  }

  /** The values, up to the first 0, of the array in the document at a position. */
  private long[] array(long position) throws IOException {
    int word = position < 0 ? 0 : file.word(position);
    if (!QueueFile.isComplete(word) || !QueueFile.isMetaData(word)) {
      return new long[0];
    }
    long end = position + QueueFile.WORD_BYTES + QueueFile.lengthBytes(word);
    long start = valuesPosition(position, end);
    long room = Math.min((end - start) / Long.BYTES, MAX_VALUES);
    int at = start == QueueFile.ABSENT ? QueueFile.ABSENT : file.load(start, (int) room * 8);
    if (at == QueueFile.ABSENT) {
      return new long[0];
    }
    long[] values = new long[(int) room];
    int used = 0;
    while (used < room) {
      long value = file.buffer().getLong(at + used * Long.BYTES, LITTLE_ENDIAN);
      if (value == 0) {
        break;
      }
      values[used++] = value;
    }
    return Arrays.copyOf(values, used);
  }

  private long valuesPosition(long position, long end) throws IOException {
    long payload = position + QueueFile.WORD_BYTES;
    int at = file.load(payload, ARRAY_HEAD_BYTES);
    if (at == QueueFile.ABSENT || end - payload < ARRAY_HEAD_BYTES) {
      return QueueFile.ABSENT;
    }
    UnsafeBuffer buffer = file.buffer();
    int name = (buffer.getByte(at) & 0xFF) == EVENT_NAME ? 2 + (buffer.getByte(at + 1) & 0xFF) : 0;
    int values = values(buffer, at + name, at + ARRAY_HEAD_BYTES);
    return values == QueueFile.ABSENT ? QueueFile.ABSENT : payload + values - at;
  }

  /** Where the values are behind a name: after padding, the array's code, capacity and use. */
  private static int values(UnsafeBuffer buffer, int from, int to) {
    int i = from;
    while (i < to - 1 - 2 * Long.BYTES) {
      switch (buffer.getByte(i) & 0xFF) {
        case PADDING -> i++;
        case PADDING_32 ->
            i += 1 + Integer.BYTES + Math.clamp(buffer.getInt(i + 1, LITTLE_ENDIAN), 0, 64);
        case LONG_ARRAY -> {
          return i + 1 + 2 * Long.BYTES;
        }
        default -> {
          return QueueFile.ABSENT;
        }
      }
    }
    return QueueFile.ABSENT;
  }

  /** Where Chronicle says the last document is; 0 when it does not. */
  static long writePosition(QueueFile file) throws IOException {
    int at = file.load(0, FILE_HEAD_BYTES);
    if (at == QueueFile.ABSENT) {
      return 0;
    }
    UnsafeBuffer buffer = file.buffer();
    int name = buffer.getStringWithoutLengthAscii(at, FILE_HEAD_BYTES).indexOf(WRITE_POSITION);
    int values =
        name < 0
            ? QueueFile.ABSENT
            : values(buffer, at + name + WRITE_POSITION.length(), at + FILE_HEAD_BYTES);
    return values == QueueFile.ABSENT ? 0 : buffer.getLong(values, LITTLE_ENDIAN);
  }
}
