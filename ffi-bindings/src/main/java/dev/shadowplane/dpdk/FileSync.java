package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Has a whole file system written to its disk: for many small files at once, instead of each. */
public final class FileSync {
  private static final int FOLDER_CLOSE_ON_EXEC = 0x1_0000 | 0x8_0000;
  private static final MethodHandle OPEN =
      Libc.handleWithErrno("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SYNC =
      Libc.handleWithErrno("syncfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle CLOSE =
      Libc.handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private FileSync() {}

  /**
   * Waits until all that was written to a file system is on its disk, as syncfs(2) does.
   *
   * @param folder a folder of that file system
   * @throws IOException if it cannot be opened, or something could not be written
   */
  public static void fileSystemOf(Path folder) throws IOException {
    final int error;
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment errno = arena.allocate(Libc.ERRNO);
      final int descriptor =
          (int)
              OPEN.invokeExact(errno, arena.allocateFrom(folder.toString()), FOLDER_CLOSE_ON_EXEC);
      if (descriptor < 0) {
        error = Libc.errno(errno);
      } else {
        final int result = (int) SYNC.invokeExact(errno, descriptor);
        error = result == 0 ? 0 : Libc.errno(errno);
        final int ignored = (int) CLOSE.invokeExact(descriptor);
      }
    } catch (Throwable t) {
      throw Libc.unexpected("syncfs", t);
    }
    if (error != 0) {
      throw new IOException("the file system of " + folder + " cannot be synced: error " + error);
    }
  }
}
