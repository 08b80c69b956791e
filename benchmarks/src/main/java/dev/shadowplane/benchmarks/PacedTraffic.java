package dev.shadowplane.benchmarks;

import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import dev.shadowplane.dpdk.RxQueue;
import dev.shadowplane.dpdk.TxQueue;
import java.util.concurrent.TimeUnit;

/**
 * Offers frames at a steady pace and takes them back, on one thread, registered with DPDK. A thread
 * that was held up goes on at the pace and does not catch up: the pace is never exceeded by more
 * than a burst.
 */
final class PacedTraffic {
  private static final int BURST = 32;
  private static final int FLOWS = 1_024;
  private static final int FRAME_BYTES = 64;
  private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(200);

  private final MbufAllocator allocator;
  private final long intervalNs;
  private final MbufBurst burst = new MbufBurst(BURST);
  private final long frames = NativeMemory.allocate((long) FLOWS * FRAME_BYTES, 64);
  private long offered;
  private long refused;
  private long received;
  private long elapsedNs;

  PacedTraffic(MbufAllocator allocator, long packetsPerSecond) {
    this.allocator = allocator;
    intervalNs = TimeUnit.SECONDS.toNanos(1) / packetsPerSecond;
    for (int flow = 0; flow < FLOWS; flow++) {
      NativeMemory.copy(
          Frames.udp4(flow, FRAME_BYTES), frames + (long) flow * FRAME_BYTES, FRAME_BYTES);
    }
  }

  /**
   * Offers frames, and takes what comes until none has come for a while.
   *
   * @param tx where they go
   * @param rx where they come back
   * @param packets how many
   */
  void run(TxQueue tx, RxQueue rx, long packets) {
    offered = 0;
    refused = 0;
    received = 0;
    final long firstNs = System.nanoTime();
    long startNs = firstNs;
    while (offered < packets) {
      final long nowNs = System.nanoTime();
      long due = (nowNs - startNs) / intervalNs - offered;
      if (due > BURST) {
        startNs += (due - BURST) * intervalNs;
        due = BURST;
      }
      if (due > 0) {
        offer(tx, (int) Math.min(due, packets - offered));
      }
      take(rx);
    }
    long lastNs = System.nanoTime();
    elapsedNs = lastNs - firstNs;
    while (System.nanoTime() - lastNs < QUIET_NS) {
      if (take(rx) > 0) {
        lastNs = System.nanoTime();
      }
    }
  }

  private void offer(TxQueue tx, int count) {
    for (int i = 0; i < count; i++) {
      final long mbuf = allocator.allocate();
      if (mbuf == 0) {
        throw new IllegalStateException("the generator's pool is empty: frames have been leaked");
      }
      final long frame = frames + ((offered + i) % FLOWS) * FRAME_BYTES;
      NativeMemory.copy(frame, Mbuf.data(mbuf), FRAME_BYTES);
      Mbuf.length(mbuf, FRAME_BYTES);
      burst.set(i, mbuf);
    }
    refused += count - tx.sendOrFree(burst, 0, count);
    offered += count;
  }

  private int take(RxQueue rx) {
    final int count = rx.receive(burst, BURST);
    if (count > 0) {
      burst.free(0, count);
      received += count;
    }
    return count;
  }

  /** Frames offered by the last run. */
  long offered() {
    return offered;
  }

  /** Of these, frames that found the receiving port's ring full. */
  long refused() {
    return refused;
  }

  /** Of these, frames that came back. */
  long received() {
    return received;
  }

  /** How long the last run was offering. */
  long elapsedNs() {
    return elapsedNs;
  }
}
