package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** What Java does not say about the process's standard output. */
public final class StandardOutput {
  private static final int FD = 1;
  private static final short POLLERR = 8;

  /** Struct pollfd: the descriptor, what is asked for, what has happened. */
  private static final long POLLFD_BYTES = 8;

  private static final long REVENTS = 6;

  private static final MethodHandle POLL =
      Libc.handle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private StandardOutput() {}

  /**
   * Whether it is a pipe that nobody reads any more, so that the next write would fail.
   *
   * @return false also for files and terminals
   */
  public static boolean isReaderGone() {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment asked = arena.allocate(POLLFD_BYTES, Integer.BYTES);
      asked.set(JAVA_INT, 0, FD);
      return (int) POLL.invokeExact(asked, 1L, 0) > 0
          && (asked.get(JAVA_SHORT, REVENTS) & POLLERR) != 0;
    } catch (Throwable t) {
      throw Libc.unexpected("poll", t);
    }
  }
}
