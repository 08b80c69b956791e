package dev.shadowplane.control.monitor.series;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;
import org.agrona.collections.Int2IntHashMap;

/**
 * A segment that is written to: a mapped sparse file with a place for each point of as many series
 * as there may be, so that a point is written by storing it, and is there when the process is
 * killed. What was never written reads as missing. A summed-up point has a check of its own,
 * against pages that a failing host did not write.
 *
 * <p>Layout: 64 bytes of header, from byte 4,096 the number of the series of each slot (0 if free),
 * from the next full page the rows of slot 0, of slot 1 and so on. Native byte order.
 */
final class RawSegment implements Segment {
  /** The first eight bytes. */
  static final long MAGIC = 0x5350_5345_5249_4552L;

  private static final int PAGE = 4_096;
  private static final int NONE = -1;
  private static final long NAN = Double.doubleToRawLongBits(Double.NaN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final Arena arena;
  private final MemorySegment memory;
  private final Resolution resolution;
  private final long start;
  private final int capacity;
  private final Int2IntHashMap slots = new Int2IntHashMap(NONE);
  private final CRC32C crc = new CRC32C();
  private final byte[] checked = new byte[48];
  private final MemorySegment checkedBytes = MemorySegment.ofArray(checked);
  private int used;
  private long changes;

  private RawSegment(
      final Arena arena,
      final MemorySegment memory,
      final Resolution resolution,
      final long start,
      final int capacity) {
    this.arena = arena;
    this.memory = memory;
    this.resolution = resolution;
    this.start = start;
    this.capacity = capacity;
  }

  /** Makes a file, without any series. */
  static void create(
      final Path file, final Resolution resolution, final long start, final int capacity)
      throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      final MemorySegment memory =
          channel.map(FileChannel.MapMode.READ_WRITE, 0, length(resolution, capacity), arena);
      memory.set(INT, 8, resolution.rowBytes());
      memory.set(INT, 12, resolution.rows());
      memory.set(INT, 16, capacity);
      memory.set(INT, 20, resolution.seconds());
      memory.set(LONG, 24, start);
      memory.set(LONG, 0, MAGIC);
    }
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read, or is not what its place says.
   */
  static RawSegment open(final Path file, final Resolution resolution, final long start)
      throws IOException {
    final Arena arena = Arena.ofShared();
    boolean opened = false;
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      final MemorySegment memory =
          channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena);
      final int capacity = memory.byteSize() < PAGE ? 0 : memory.get(INT, 16);
      if (capacity < 1
          || memory.byteSize() != length(resolution, capacity)
          || memory.get(LONG, 0) != MAGIC
          || memory.get(INT, 8) != resolution.rowBytes()
          || memory.get(INT, 12) != resolution.rows()
          || memory.get(INT, 20) != resolution.seconds()
          || memory.get(LONG, 24) != start) {
        throw new IOException("is no segment of its place");
      }
      final RawSegment segment = new RawSegment(arena, memory, resolution, start, capacity);
      segment.readSlots();
      opened = true;
      return segment;
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  private void readSlots() {
    for (int slot = 0; slot < capacity; slot++) {
      final int series = memory.get(INT, PAGE + (long) slot * Integer.BYTES);
      if (series > 0) {
        slots.put(series, slot);
        used = slot + 1;
      }
    }
  }

  private static long rowsOffset(final int capacity) {
    return PAGE + ((long) capacity * Integer.BYTES + PAGE - 1) / PAGE * PAGE;
  }

  private static long length(final Resolution resolution, final int capacity) {
    return rowsOffset(capacity) + (long) capacity * resolution.rows() * resolution.rowBytes();
  }

  @Override
  public long start() {
    return start;
  }

  /** How often something was written. */
  long changes() {
    return changes;
  }

  /**
   * Writes a point in place of what was there.
   *
   * @return false if there is no room for another series.
   */
  boolean write(final int series, final long second, final Aggregate point) {
    int slot = slots.get(series);
    if (slot == NONE) {
      if (used == capacity) {
        return false;
      }
      slot = used++;
      slots.put(series, slot);
      memory.set(INT, PAGE + (long) slot * Integer.BYTES, series);
    }
    changes++;
    final int row = row(second);
    final long at = offset(slot, row);
    if (resolution == Resolution.SECOND) {
      memory.set(LONG, at, Double.doubleToRawLongBits(point.last) ^ NAN);
    } else {
      memory.set(LONG, at, Double.doubleToRawLongBits(point.min));
      memory.set(LONG, at + 8, Double.doubleToRawLongBits(point.max));
      memory.set(LONG, at + 16, Double.doubleToRawLongBits(point.sum));
      memory.set(LONG, at + 24, Double.doubleToRawLongBits(point.last));
      memory.set(INT, at + 32, point.count);
      memory.set(INT, at + 36, check(at, series, row));
    }
    return true;
  }

  /** Reads a point; an empty one if there is none. */
  void read(final int series, final long second, final Aggregate into) {
    final int slot = slots.get(series);
    into.clear();
    if (slot != NONE) {
      readRow(slot, series, row(second), into);
    }
  }

  private void readRow(final int slot, final int series, final int row, final Aggregate into) {
    into.clear();
    final long at = offset(slot, row);
    if (resolution == Resolution.SECOND) {
      final double value = Double.longBitsToDouble(memory.get(LONG, at) ^ NAN);
      if (!Double.isNaN(value)) {
        into.add(value);
      }
      return;
    }
    final int count = memory.get(INT, at + 32);
    if (count > 0 && memory.get(INT, at + 36) == check(at, series, row)) {
      into.count = count;
      into.min = Double.longBitsToDouble(memory.get(LONG, at));
      into.max = Double.longBitsToDouble(memory.get(LONG, at + 8));
      into.sum = Double.longBitsToDouble(memory.get(LONG, at + 16));
      into.last = Double.longBitsToDouble(memory.get(LONG, at + 24));
    }
  }

  private int check(final long at, final int series, final int row) {
    MemorySegment.copy(memory, at, checkedBytes, 0, 36);
    checkedBytes.set(INT, 36, series);
    checkedBytes.set(INT, 40, row);
    crc.reset();
    crc.update(checked, 0, 44);
    return (int) crc.getValue();
  }

  private int row(final long second) {
    return (int) ((second - start) / resolution.seconds());
  }

  private long offset(final int slot, final int row) {
    return rowsOffset(capacity) + ((long) slot * resolution.rows() + row) * resolution.rowBytes();
  }

  @Override
  public boolean load(final int series, final Chunk into) {
    into.clear();
    final int slot = slots.get(series);
    if (slot == NONE) {
      return false;
    }
    final Aggregate point = new Aggregate();
    for (int row = 0; row < resolution.rows(); row++) {
      readRow(slot, series, row, point);
      into.put(row, point);
    }
    return !into.isEmpty();
  }

  @Override
  public void forEachSeries(final IntConsumer visitor) {
    slots.forEachInt((series, slot) -> visitor.accept(series));
  }

  @Override
  public void close() {
    arena.close();
  }
}
