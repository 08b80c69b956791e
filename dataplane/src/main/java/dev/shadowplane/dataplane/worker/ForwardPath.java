package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.RxQueue;
import dev.shadowplane.dpdk.TxQueue;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * One direction of a forwarding pair: where frames come from, where they go, and what is counted on
 * the way.
 */
public final class ForwardPath {
  private final int ingressPort;
  private final RxQueue rx;
  private final TxQueue tx;
  private final int maxFrameBytes;
  private final PathCounters counters;

  /**
   * The counters of a path; the worker is their only writer.
   *
   * @param received frames taken from the ingress port
   * @param sent frames that the egress port's driver took
   * @param txFull frames it did not take, freed
   * @param tooLong frames longer than the egress port takes, freed
   * @param malformed frames whose headers are cut short or contradict themselves, forwarded all the
   *     same
   * @param malformedInner frames that carry a packet of which the same is true, as far as rules are
   *     about such packets
   * @param journalShed frames meant for the journal for which its ring had no room
   * @param unshareable frames whose stripped tag could not be put back, forwarded but not mirrored
   */
  public record PathCounters(
      AtomicCounter received,
      AtomicCounter sent,
      AtomicCounter txFull,
      AtomicCounter tooLong,
      AtomicCounter malformed,
      AtomicCounter malformedInner,
      AtomicCounter journalShed,
      AtomicCounter unshareable) {}

  /**
   * A path.
   *
   * @param ingressPort index of the receiving port
   * @param rx its queue, the worker's own
   * @param tx a queue of the other port, the worker's own
   * @param maxFrameBytes the longest frame to send; {@link Integer#MAX_VALUE} when no longer one
   *     can arrive
   * @param counters what is counted
   */
  public ForwardPath(
      int ingressPort, RxQueue rx, TxQueue tx, int maxFrameBytes, PathCounters counters) {
    this.ingressPort = ingressPort;
    this.rx = rx;
    this.tx = tx;
    this.maxFrameBytes = maxFrameBytes;
    this.counters = counters;
  }

  int ingressPort() {
    return ingressPort;
  }

  PathCounters counters() {
    return counters;
  }

  int receive(MbufBurst burst, int limit) {
    return rx.receive(burst, limit);
  }

  /** Sends a burst on; nothing of it is left to the caller. */
  void forward(MbufBurst burst, int received) {
    final int count =
        maxFrameBytes == Integer.MAX_VALUE ? received : withoutTooLong(burst, received);
    final int sent = tx.sendOrFree(burst, 0, count);
    counters.received.setRelease(counters.received.getPlain() + received);
    counters.sent.setRelease(counters.sent.getPlain() + sent);
    if (sent < count) {
      counters.txFull.setRelease(counters.txFull.getPlain() + count - sent);
    }
  }

  private int withoutTooLong(MbufBurst burst, int received) {
    int kept = 0;
    for (int i = 0; i < received; i++) {
      final long mbuf = burst.get(i);
      if (Mbuf.packetLength(mbuf) <= maxFrameBytes) {
        burst.set(i, burst.get(kept));
        burst.set(kept++, mbuf);
      }
    }
    if (kept < received) {
      burst.free(kept, received - kept);
      counters.tooLong.setRelease(counters.tooLong.getPlain() + received - kept);
    }
    return kept;
  }
}
