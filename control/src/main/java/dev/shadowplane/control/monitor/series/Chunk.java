package dev.shadowplane.control.monitor.series;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The points of one series in one segment, by columns, and their packed form: each column by the
 * significance of bytes, deflated. A value is first combined by exclusive or with the one that it
 * is likely to resemble (the idea of Pelkonen et al., "Gorilla", VLDB 2015), so that what does not
 * change costs next to nothing. For one thread.
 */
final class Chunk {
  private static final int DOUBLES = 4;
  private static final int LEVEL = 6;

  final int rows;
  final int[] count;
  private final double[] min;
  private final double[] max;
  private final double[] sum;
  private final double[] last;

  Chunk(final int rows) {
    this.rows = rows;
    count = new int[rows];
    min = new double[rows];
    max = new double[rows];
    sum = new double[rows];
    last = new double[rows];
  }

  void clear() {
    Arrays.fill(count, 0);
  }

  void put(final int row, final Aggregate point) {
    count[row] = point.count;
    min[row] = point.min;
    max[row] = point.max;
    sum[row] = point.sum;
    last[row] = point.last;
  }

  void get(final int row, final Aggregate into) {
    into.count = count[row];
    into.min = min[row];
    into.max = max[row];
    into.sum = sum[row];
    into.last = last[row];
  }

  boolean isEmpty() {
    return Arrays.stream(count).allMatch(n -> n == 0);
  }

  byte[] pack() {
    final ByteBuffer plain = ByteBuffer.allocate(rows * (Integer.BYTES + DOUBLES * Double.BYTES));
    final long[] words = new long[rows];
    int present = 0;
    for (int row = 0; row < rows; row++) {
      words[row] = count[row];
    }
    planes(plain, words, rows, Integer.BYTES);
    for (int column = 0; column < DOUBLES; column++) {
      present = 0;
      long before = 0;
      for (int row = 0; row < rows; row++) {
        if (count[row] > 0) {
          final long bits = Double.doubleToRawLongBits(column(column)[row]);
          words[present++] = bits ^ likely(column, row, before);
          before = bits;
        }
      }
      planes(plain, words, present, Double.BYTES);
    }
    final Deflater deflater = new Deflater(LEVEL, true);
    try {
      deflater.setInput(plain.array(), 0, plain.position());
      deflater.finish();
      final byte[] packed = new byte[plain.position() + 64 + (plain.position() >> 8)];
      return Arrays.copyOf(packed, deflater.deflate(packed));
    } finally {
      deflater.end();
    }
  }

  /** Takes what {@link #pack} gave; false if it is damaged, and then nothing is in here. */
  boolean unpack(final byte[] packed) {
    clear();
    final byte[] bytes = new byte[rows * (Integer.BYTES + DOUBLES * Double.BYTES)];
    final Inflater inflater = new Inflater(true);
    final long[] words = new long[rows];
    try {
      inflater.setInput(packed);
      final ByteBuffer plain = ByteBuffer.wrap(bytes, 0, inflater.inflate(bytes));
      unplane(plain, words, rows, Integer.BYTES);
      int present = 0;
      final int[] counts = new int[rows];
      for (int row = 0; row < rows; row++) {
        counts[row] = (int) words[row];
        present += counts[row] > 0 ? 1 : 0;
      }
      System.arraycopy(counts, 0, count, 0, rows);
      for (int column = 0; column < DOUBLES; column++) {
        unplane(plain, words, present, Double.BYTES);
        int next = 0;
        long before = 0;
        for (int row = 0; row < rows; row++) {
          if (count[row] > 0) {
            before = words[next++] ^ likely(column, row, before);
            column(column)[row] = Double.longBitsToDouble(before);
          }
        }
      }
      return true;
    } catch (DataFormatException | BufferUnderflowException e) {
      clear();
      return false;
    } finally {
      inflater.end();
    }
  }

  private double[] column(final int column) {
    return switch (column) {
      case 0 -> min;
      case 1 -> max;
      case 2 -> last;
      default -> sum;
    };
  }

  /** Least and sum are likely those before; most and last are likely the least. */
  private long likely(final int column, final int row, final long before) {
    return column == 1 || column == 2 ? Double.doubleToRawLongBits(min[row]) : before;
  }

  private static void planes(
      final ByteBuffer to, final long[] words, final int length, final int bytes) {
    for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      for (int i = 0; i < length; i++) {
        to.put((byte) (words[i] >>> shift));
      }
    }
  }

  private static void unplane(
      final ByteBuffer from, final long[] words, final int length, final int bytes) {
    Arrays.fill(words, 0, length, 0);
    for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      for (int i = 0; i < length; i++) {
        words[i] |= (from.get() & 0xffL) << shift;
      }
    }
  }
}
