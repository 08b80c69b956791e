package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Space of files, by the C library: what Java can only reserve by writing. */
public final class FileSpace {
  private static final int READ_WRITE = 2;
  private static final MethodHandle OPEN =
      Libc.handle("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FALLOCATE =
      Libc.handle(
          "posix_fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CLOSE =
      Libc.handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private FileSpace() {}

  /**
   * Gives a part of a file space, and makes the file as long as that takes: a store into a mapping
   * of the part cannot fail for want of space. What was not written reads as zeros.
   *
   * @param file is there and may be written
   * @param offsetBytes where the part begins
   * @param lengthBytes at least 1
   * @throws IOException when there is not enough space, or the file cannot be opened
   */
  public static void reserve(Path file, long offsetBytes, long lengthBytes) throws IOException {
    final int result;
    try (Arena arena = Arena.ofConfined()) {
      final int descriptor =
          (int) OPEN.invokeExact(arena.allocateFrom(file.toString()), READ_WRITE);
      if (descriptor < 0) {
        throw new IOException(file + " cannot be opened for writing");
      }
      result = (int) FALLOCATE.invokeExact(descriptor, offsetBytes, lengthBytes);
      final int closed = (int) CLOSE.invokeExact(descriptor);
      if (closed != 0) {
        throw new IOException(file + " cannot be closed");
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.unexpected("posix_fallocate", t);
    }
    if (result != 0) {
      throw new IOException(
          file
              + ": no space for "
              + lengthBytes
              + " bytes (error "
              + result
              + " of posix_fallocate)");
    }
  }
}
