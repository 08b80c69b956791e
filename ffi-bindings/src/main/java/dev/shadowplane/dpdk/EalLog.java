package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.Dpdk;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Collects what DPDK logs while something is being set up, so that an exception can quote it
 * instead of it going to standard error. Used by one thread at a time; while none is open, DPDK
 * logs to standard error.
 */
final class EalLog implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(ADDRESS);
  private final MemorySegment length = arena.allocate(JAVA_LONG);
  private final MemorySegment stream;

  EalLog() {
    try {
      stream =
          (MemorySegment)
              Libc.handle("open_memstream", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS))
                  .invokeExact(buffer, length);
    } catch (Throwable t) {
      throw Libc.unexpected("open_memstream", t);
    }
    Dpdk.rte_openlog_stream(stream);
  }

  /** What was logged so far, a line each. */
  List<String> lines() {
    call("fflush", stream);
    final long bytes = length.get(JAVA_LONG, 0);
    return bytes == 0
        ? List.of()
        : buffer
            .get(ADDRESS, 0)
            .reinterpret(bytes + 1)
            .getString(0)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
  }

  /** The last lines, to be put into a message; empty when nothing was logged. */
  String quoted() {
    final List<String> lines = lines();
    final List<String> last = lines.subList(Math.max(0, lines.size() - 3), lines.size());
    return last.isEmpty() ? "" : "DPDK says: " + String.join("; ", last) + ": ";
  }

  @Override
  public void close() {
    Dpdk.rte_openlog_stream(MemorySegment.NULL);
    call("fclose", stream);
    try {
      Libc.handle("free", FunctionDescriptor.ofVoid(ADDRESS)).invokeExact(buffer.get(ADDRESS, 0));
    } catch (Throwable t) {
      throw Libc.unexpected("free", t);
    }
    arena.close();
  }

  private static void call(String name, MemorySegment stream) {
    try {
      final int ignored =
          (int) Libc.handle(name, FunctionDescriptor.of(JAVA_INT, ADDRESS)).invokeExact(stream);
    } catch (Throwable t) {
      throw Libc.unexpected(name, t);
    }
  }
}
