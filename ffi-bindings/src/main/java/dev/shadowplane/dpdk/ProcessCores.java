package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.cpu_set_t;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/** The cores that the threads of this process may use. */
public final class ProcessCores {
  private static final MethodHandle SET =
      Libc.handle(
          "sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  private ProcessCores() {}

  /**
   * Keeps every thread that there is to some cores. Those that are started later have the cores of
   * the thread that starts them.
   *
   * @param cores as Linux numbers them, all of them allowed to this process
   * @throws IOException when the threads cannot be listed
   */
  public static void confine(BitSet cores) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment set = arena.allocate(cpu_set_t.layout());
      final byte[] mask = cores.toByteArray();
      MemorySegment.copy(mask, 0, set, JAVA_BYTE, 0, (int) Math.min(mask.length, set.byteSize()));
      // Until a look finds none that was started by one not yet confined.
      final Set<String> confined = new HashSet<>();
      boolean found = true;
      while (found) {
        found = false;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
          for (Path thread : all) {
            final String id = String.valueOf(thread.getFileName());
            if (confined.add(id)) {
              found = true;
              set(Integer.parseInt(id), set);
            }
          }
        }
      }
    }
  }

  /** A thread that has ended meanwhile is none to confine. */
  private static void set(int thread, MemorySegment set) {
    try {
      final int ignored = (int) SET.invokeExact(thread, set.byteSize(), set);
    } catch (Throwable t) {
      throw Libc.unexpected("sched_setaffinity", t);
    }
  }
}
