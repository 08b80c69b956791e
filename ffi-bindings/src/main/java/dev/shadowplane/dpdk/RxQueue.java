package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * A receive queue of a started port. One thread polls it. Idle while the port is stopped or has no
 * device: it then receives nothing.
 */
public final class RxQueue {
  static final MethodHandle BURST =
      Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.of(JAVA_SHORT, JAVA_LONG, JAVA_LONG, JAVA_SHORT));

  private MemorySegment function = MemorySegment.NULL;

  /** 0 while idle. Read once a burst; the worker's duty cycle orders it after what was written. */
  private long queue;

  /** Points it to a started port's; no thread is inside the driver. */
  void point(MemorySegment burstFunction, long queueData) {
    function = burstFunction;
    // Last: a thread that sees the queue sees its function.
    VarHandle.releaseFence();
    queue = queueData;
  }

  /** From the owner's next duty cycle on it does nothing. */
  void idle() {
    queue = 0;
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
    final long current = queue;
    if (current == 0) {
      return 0;
    }
    try {
      return (short) BURST.invokeExact(function, current, burst.address(0), (short) limit) & 0xffff;
    } catch (Throwable t) {
      throw Libc.unexpected("rx_pkt_burst", t);
    }
  }
}
