package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Space of files and of mappings of them, by the C library: what Java can only get by writing. */
public final class FileSpace {
  private static final int READ_WRITE = 2;
  private static final int MADV_POPULATE_WRITE = 23;
  private static final int MAX_ERROR_BYTES = 256;
  private static final MethodHandle OPEN =
      Libc.handle("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FALLOCATE =
      Libc.handle(
          "posix_fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CLOSE =
      Libc.handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle ERROR_TEXT =
      Libc.handle("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  private static final MethodHandle ADVISE =
      Libc.handle("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private FileSpace() {}

  /**
   * Gives part of a file space, and makes it at least as long as to the end of that part. What is
   * there stays, what was not written reads as zeros: a store into a mapping of the part cannot
   * fail for want of space.
   *
   * @param file is there and may be written
   * @param fromByte where the part begins, at least 0
   * @param lengthBytes of the part, at least 1
   * @throws IOException when there is not enough space, or the file cannot be opened
   */
  public static void reserve(Path file, long fromByte, long lengthBytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      final int descriptor =
          (int) OPEN.invokeExact(arena.allocateFrom(file.toString()), READ_WRITE);
      if (descriptor < 0) {
        throw new IOException(file + " cannot be opened for writing");
      }
      final int result = (int) FALLOCATE.invokeExact(descriptor, fromByte, lengthBytes);
      final int closed = (int) CLOSE.invokeExact(descriptor);
      if (closed != 0) {
        throw new IOException(file + " cannot be closed");
      }
      if (result != 0) {
        final MemorySegment text = (MemorySegment) ERROR_TEXT.invokeExact(result);
        throw new IOException(
            file
                + ": no space for "
                + lengthBytes
                + " bytes: "
                + text.reinterpret(MAX_ERROR_BYTES).getString(0));
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.unexpected("posix_fallocate", t);
    }
  }

  /**
   * Has the pages of a mapping ready to be written, so that no store into it faults (Linux 5.14).
   * Changes no contents, whatever is there; a range that is not mapped is left alone.
   *
   * @param address of the first page
   * @param lengthBytes of the range
   * @return whether the kernel did
   */
  public static boolean populate(long address, long lengthBytes) {
    try {
      return (int) ADVISE.invokeExact(address, lengthBytes, MADV_POPULATE_WRITE) == 0;
    } catch (Throwable t) {
      throw Libc.unexpected("madvise", t);
    }
  }
}
