package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Private memory whose addresses are reserved at once and which takes room only where it is
 * touched. It reads as zeros at first. The kernel is asked for huge pages where they fit, since
 * random reads of gigabytes spend most of their time on finding small ones.
 *
 * <p>Not thread-safe as to {@link #close}: whoever closes it is the last to use it.
 */
public final class ReservedMemory implements AutoCloseable {
  private static final long HUGE_PAGE_BYTES = 2 << 20;
  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
  private static final int MADV_HUGEPAGE = 14;
  private static final int NO_FILE = -1;
  private static final MethodHandle MAP =
      Libc.handle(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle UNMAP =
      Libc.handle("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle ADVISE =
      Libc.handle("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private final long mapping;
  private final long mappedBytes;
  private final long address;
  private boolean closed;

  /**
   * Reserves memory.
   *
   * @param lengthBytes how much, positive
   * @throws IllegalStateException when the kernel refuses
   */
  public ReservedMemory(long lengthBytes) {
    final boolean huge = lengthBytes >= HUGE_PAGE_BYTES;
    mappedBytes = lengthBytes + (huge ? HUGE_PAGE_BYTES : 0);
    try {
      mapping =
          (long)
              MAP.invokeExact(
                  0L, mappedBytes, READ_WRITE, PRIVATE_ANONYMOUS_NORESERVE, NO_FILE, 0L);
      if (mapping == -1) {
        throw new IllegalStateException(
            lengthBytes + " bytes of memory cannot be reserved: ask for less, or raise ulimit -v");
      }
      address = huge ? mapping + HUGE_PAGE_BYTES - 1 & -HUGE_PAGE_BYTES : mapping;
      if (huge) {
        // Refused where the kernel has no huge pages: it is then slower, and nothing else.
        final int ignored = (int) ADVISE.invokeExact(address, lengthBytes, MADV_HUGEPAGE);
      }
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.unexpected("mmap", t);
    }
  }

  /**
   * Where it begins, aligned to a page.
   *
   * @return its first address, valid until it is closed
   */
  public long address() {
    return address;
  }

  /** Gives the memory back; an access after that ends the process. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      final int result = (int) UNMAP.invokeExact(mapping, mappedBytes);
      if (result != 0) {
        throw new IllegalStateException(mappedBytes + " bytes of memory cannot be given back");
      }
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.unexpected("munmap", t);
    }
  }
}
