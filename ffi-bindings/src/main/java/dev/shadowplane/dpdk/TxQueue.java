package dev.shadowplane.dpdk;

import java.lang.foreign.MemorySegment;

/**
 * A transmit queue of a started port. One thread owns it. Valid until the port stops: take a new
 * one after each start.
 */
public final class TxQueue {
  private final MemorySegment function;
  private final long queue;

  TxQueue(MemorySegment function, long queue) {
    this.function = function;
    this.queue = queue;
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
    try {
      return (short) RxQueue.BURST.invokeExact(function, queue, burst.address(from), (short) count)
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
