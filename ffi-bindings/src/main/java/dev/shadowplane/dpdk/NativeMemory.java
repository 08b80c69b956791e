package dev.shadowplane.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.agrona.UnsafeApi;

/**
 * Reads and writes native memory by address, without allocation, through one segment that spans all
 * of it.
 *
 * <p>Through the JDK's internal Unsafe, by Agrona: the same reads through a memory segment that
 * spans everything are inlined by the compiler only so deep, which made the parser of a whole burst
 * more than twice as slow.
 *
 * <p>Integers are in the byte order of the host (little-endian on every platform supported); what
 * is on the wire is big-endian, and swapping is the caller's. An address that is not mapped ends
 * the process: whoever passes one has checked it, and with {@link #BOUNDS_CHECKS} the accessors
 * that take a limit check again.
 */
public final class NativeMemory {
  /**
   * Whether accessors that take a limit compare against it. Set by the system property {@code
   * shadowplane.bounds.checks}, on in every test.
   */
  public static final boolean BOUNDS_CHECKS = Boolean.getBoolean("shadowplane.bounds.checks");

  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private NativeMemory() {}

  /**
   * The memory of {@code lengthBytes} at {@code address} as a segment that is never freed by Java.
   *
   * @param address where it begins
   * @param lengthBytes how long it is
   * @return the segment
   */
  public static MemorySegment segment(long address, long lengthBytes) {
    return ALL.asSlice(address, lengthBytes);
  }

  /**
   * Allocates zeroed memory that lives as long as the process.
   *
   * @param lengthBytes how much
   * @param alignmentBytes a power of two
   * @return its address
   */
  public static long allocate(long lengthBytes, long alignmentBytes) {
    return allocate(Arena.global(), lengthBytes, alignmentBytes);
  }

  /**
   * Allocates zeroed memory that lives as long as {@code arena}.
   *
   * @param arena frees it
   * @param lengthBytes how much
   * @param alignmentBytes a power of two
   * @return its address
   */
  public static long allocate(Arena arena, long lengthBytes, long alignmentBytes) {
    return arena.allocate(lengthBytes, alignmentBytes).address();
  }

  /**
   * Reads a byte, unsigned.
   *
   * @param address where
   * @return 0 to 255
   */
  public static int getUnsignedByte(long address) {
    return UnsafeApi.getByte(address) & 0xff;
  }

  /**
   * Reads 16 bits, unsigned, in host order.
   *
   * @param address where
   * @return 0 to 65,535
   */
  public static int getUnsignedShort(long address) {
    return UnsafeApi.getShort(address) & 0xffff;
  }

  /**
   * Reads 32 bits in host order.
   *
   * @param address where
   * @return the value
   */
  public static int getInt(long address) {
    return UnsafeApi.getInt(address);
  }

  /**
   * Reads 64 bits in host order.
   *
   * @param address where
   * @return the value
   */
  public static long getLong(long address) {
    return UnsafeApi.getLong(address);
  }

  /**
   * Writes a byte.
   *
   * @param address where
   * @param value its low 8 bits are written
   */
  public static void putByte(long address, int value) {
    UnsafeApi.putByte(address, (byte) value);
  }

  /**
   * Writes 16 bits in host order.
   *
   * @param address where
   * @param value its low 16 bits are written
   */
  public static void putShort(long address, int value) {
    UnsafeApi.putShort(address, (short) value);
  }

  /**
   * Writes 32 bits in host order.
   *
   * @param address where
   * @param value what
   */
  public static void putInt(long address, int value) {
    UnsafeApi.putInt(address, value);
  }

  /**
   * Writes 64 bits in host order.
   *
   * @param address where
   * @param value what
   */
  public static void putLong(long address, long value) {
    UnsafeApi.putLong(address, value);
  }

  /**
   * Adds to 32 bits atomically.
   *
   * @param address aligned to 4 bytes
   * @param delta what to add
   * @return the value before
   */
  public static int getAndAddInt(long address, int delta) {
    return UnsafeApi.getAndAddInt(null, address, delta);
  }

  /**
   * Copies bytes; the two ranges may overlap.
   *
   * @param from source address
   * @param to destination address
   * @param lengthBytes how many
   */
  public static void copy(long from, long to, long lengthBytes) {
    UnsafeApi.copyMemory(from, to, lengthBytes);
  }

  /**
   * Copies bytes out of native memory.
   *
   * @param from source address
   * @param to receives them from its beginning
   * @param lengthBytes how many
   */
  public static void copy(long from, byte[] to, int lengthBytes) {
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, 0, lengthBytes);
  }

  /**
   * Copies bytes into native memory.
   *
   * @param from source, from its beginning
   * @param to destination address
   * @param lengthBytes how many
   */
  public static void copy(byte[] from, long to, int lengthBytes) {
    MemorySegment.copy(from, 0, ALL, ValueLayout.JAVA_BYTE, to, lengthBytes);
  }

  /**
   * With {@link #BOUNDS_CHECKS}, throws when {@code length} bytes from {@code offset} do not lie
   * within {@code limit}; without, costs nothing.
   *
   * @param offset where an access begins
   * @param length how many bytes it touches
   * @param limit how many bytes there are
   * @throws IndexOutOfBoundsException when the access would leave them
   */
  public static void check(int offset, int length, int limit) {
    if (BOUNDS_CHECKS && (offset < 0 || length < 0 || limit - offset < length)) {
      throw new IndexOutOfBoundsException(
          "native access of " + length + " bytes at offset " + offset + " of " + limit);
    }
  }
}
