package dev.shadowplane.dpdk;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Handles of the few functions of the C library that are called, all off the packet path. */
final class Libc {
  private Libc() {}

  static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    final Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  /** What a downcall handle throws is never the function's doing. */
  static IllegalStateException unexpected(String call, Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(call, cause);
  }
}
