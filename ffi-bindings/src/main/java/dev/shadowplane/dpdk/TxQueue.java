package dev.shadowplane.dpdk;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * A transmit queue of a started port. One thread owns it. Idle while the port is stopped or has no
 * device: it then takes nothing.
 */
public final class TxQueue {
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
   * Hands frames to the driver.
   *
   * @param burst the frames
   * @param from index of the first
   * @param count how many
   * @return how many it took, the first ones; their references are gone, those of the rest are
   *     still the caller's
   */
  public int send(MbufBurst burst, int from, int count) {
    NativeMemory.check(from, count, burst.capacity());
    final long current = queue;
    if (current == 0) {
      return 0;
    }
    try {
      return (short)
              RxQueue.BURST.invokeExact(function, current, burst.address(from), (short) count)
          & 0xffff;
    } catch (Throwable t) {
      throw Libc.unexpected("tx_pkt_burst", t);
    }
  }

  /**
   * Hands frames to the driver and frees those that it did not take.
   *
   * @param burst the frames
   * @param from index of the first
   * @param count how many; no reference is left to the caller
   * @return how many were sent
   */
  public int sendOrFree(MbufBurst burst, int from, int count) {
    final int sent = send(burst, from, count);
    if (sent < count) {
      burst.free(from + sent, count - sent);
    }
    return sent;
  }
}
