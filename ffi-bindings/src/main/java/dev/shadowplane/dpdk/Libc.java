package dev.shadowplane.dpdk;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Handles of the few functions of the C library that are called, all off the packet path. */
final class Libc {
  /** What the first argument of a handle with errno is allocated with. */
  static final MemoryLayout ERRNO = Linker.Option.captureStateLayout();

  private static final String ERRNO_NAME = "errno";
  private static final long ERRNO_OFFSET =
      ERRNO.byteOffset(MemoryLayout.PathElement.groupElement(ERRNO_NAME));

  private Libc() {}

  static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    final Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  /** The same, of a function that sets errno: a segment to keep it in is the first argument. */
  static MethodHandle handleWithErrno(String name, FunctionDescriptor descriptor) {
    final Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState(ERRNO_NAME));
  }

  /** The number that the last such call left. */
  static int errno(MemorySegment state) {
    return state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
  }

  /** What a downcall handle throws is never the function's doing. */
  static IllegalStateException unexpected(String call, Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(call, cause);
  }
}
