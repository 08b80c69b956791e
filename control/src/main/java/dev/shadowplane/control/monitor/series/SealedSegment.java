package dev.shadowplane.control.monitor.series;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;

/**
 * A segment that is over, packed: a header of 64 bytes, the chunks of series, and an index of them
 * by number with the place, length and checksum of each. Big-endian. Never changed once it has its
 * name.
 */
final class SealedSegment implements Segment {
  /** The first eight bytes. */
  static final long MAGIC = 0x5350_5345_5249_4553L;

  private static final int HEADER = 64;
  private static final int ENTRY = 20;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN);

  private final Arena arena;
  private final MemorySegment memory;
  private final long start;
  private final long index;
  private final int count;

  private SealedSegment(
      final Arena arena,
      final MemorySegment memory,
      final long start,
      final long index,
      final int count) {
    this.arena = arena;
    this.memory = memory;
    this.start = start;
    this.index = index;
    this.count = count;
  }

  /** Writes a file: chunk by chunk, each series once, then {@link #finish}. */
  static final class Writer implements AutoCloseable {
    private final FileChannel channel;
    private final SortedMap<Integer, ByteBuffer> entries = new TreeMap<>();
    private long at = HEADER;

    Writer(final Path file) throws IOException {
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
    }

    void add(final int series, final byte[] packed) throws IOException {
      entries.put(
          series,
          ByteBuffer.allocate(ENTRY)
              .putInt(series)
              .putLong(at)
              .putInt(packed.length)
              .putInt(checksum(packed))
              .flip());
      at += write(ByteBuffer.wrap(packed), at);
    }

    /** Makes the file whole, on the disk. */
    void finish(final Resolution resolution, final long start) throws IOException {
      final ByteBuffer index = ByteBuffer.allocate(entries.size() * ENTRY);
      entries.values().forEach(index::put);
      final int indexChecksum = checksum(index.array());
      write(index.flip(), at);
      final ByteBuffer header =
          ByteBuffer.allocate(HEADER)
              .putLong(MAGIC)
              .putInt(resolution.seconds())
              .putInt(resolution.rows())
              .putLong(start)
              .putLong(at)
              .putInt(entries.size())
              .putInt(indexChecksum);
      write(header.clear(), 0);
      channel.force(true);
    }

    private int write(final ByteBuffer bytes, final long position) throws IOException {
      final int length = bytes.remaining();
      long place = position;
      while (bytes.hasRemaining()) {
        place += channel.write(bytes, place);
      }
      return length;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read, is not what its place says, or has a damaged index.
   */
  static SealedSegment open(final Path file, final Resolution resolution, final long start)
      throws IOException {
    final Arena arena = Arena.ofShared();
    boolean opened = false;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      final MemorySegment memory =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      if (memory.byteSize() < HEADER
          || memory.get(LONG, 0) != MAGIC
          || memory.get(INT, 8) != resolution.seconds()
          || memory.get(INT, 12) != resolution.rows()
          || memory.get(LONG, 16) != start) {
        throw new IOException("is no segment of its place");
      }
      final long index = memory.get(LONG, 24);
      final int count = memory.get(INT, 32);
      if (count < 0 || index < HEADER || index + (long) count * ENTRY != memory.byteSize()) {
        throw new IOException("is cut short");
      }
      if (checksum(memory.asSlice(index).toArray(ValueLayout.JAVA_BYTE)) != memory.get(INT, 36)) {
        throw new IOException("has a damaged index");
      }
      opened = true;
      return new SealedSegment(arena, memory, start, index, count);
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  private static int checksum(final byte[] bytes) {
    final CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Override
  public long start() {
    return start;
  }

  /** Copies every chunk but those that are replaced, and adds these. */
  void copyWith(final Map<Integer, Chunk> replaced, final Writer writer) throws IOException {
    for (int i = 0; i < count; i++) {
      final int series = memory.get(INT, index + (long) i * ENTRY);
      if (!replaced.containsKey(series)) {
        writer.add(series, packed(i));
      }
    }
    for (final Map.Entry<Integer, Chunk> chunk : replaced.entrySet()) {
      writer.add(chunk.getKey(), chunk.getValue().pack());
    }
  }

  private byte[] packed(final int i) {
    final long entry = index + (long) i * ENTRY;
    return memory
        .asSlice(memory.get(LONG, entry + 4), memory.get(INT, entry + 12))
        .toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public boolean load(final int series, final Chunk into) {
    into.clear();
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      final int middle = (low + high) >>> 1;
      final int found = memory.get(INT, index + (long) middle * ENTRY);
      if (found == series) {
        final byte[] packed = packed(middle);
        return checksum(packed) == memory.get(INT, index + (long) middle * ENTRY + 16)
            && into.unpack(packed);
      }
      if (found < series) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return false;
  }

  @Override
  public void forEachSeries(final IntConsumer visitor) {
    for (int i = 0; i < count; i++) {
      visitor.accept(memory.get(INT, index + (long) i * ENTRY));
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
