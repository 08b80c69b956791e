package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A receive queue of a started port. One thread polls it. Valid until the port stops: take a new
 * one after each start.
 */
public final class RxQueue {
  static final MethodHandle BURST =
      Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.of(JAVA_SHORT, JAVA_LONG, JAVA_LONG, JAVA_SHORT));

  private final MemorySegment function;
  private final long queue;

  RxQueue(MemorySegment function, long queue) {
    this.function = function;
    this.queue = queue;
  }

  /**
   * Receives frames. A plain downcall: a driver may block, and a critical one that blocks would
   * hold up every safepoint of the JVM.
   *
   * @param burst filled from entry 0 on; the caller becomes the owner of a reference to each
   * @param limit at most how many, at most the burst's capacity
   * @return how many
   */
  public int receive(MbufBurst burst, int limit) {
    NativeMemory.check(0, limit, burst.capacity());
    try {
      return (short) BURST.invokeExact(function, queue, burst.address(0), (short) limit) & 0xffff;
    } catch (Throwable t) {
      throw Libc.unexpected("rx_pkt_burst", t);
    }
  }
}
