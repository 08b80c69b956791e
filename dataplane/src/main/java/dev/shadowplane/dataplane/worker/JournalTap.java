package dev.shadowplane.dataplane.worker;

import static dev.shadowplane.dpdk.NativeMemory.getInt;

import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.ShedReason;
import dev.shadowplane.dataplane.mirror.RuleTallies;
import dev.shadowplane.dataplane.mirror.RuleTally;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;

/**
 * A worker's way to the journal: collects references during a burst; after production and mirrors
 * have been sent, copies the frames into the ring and gives the references back. One thread.
 */
public final class JournalTap {
  /** A received frame's direction, as in pcapng. */
  private static final int INBOUND = 1;

  private final JournalRing ring;
  private final MbufBurst burst;
  private final long[] records;
  private final int[] ruleIds;
  private final int[] snapBytes;
  private final int[] anonymisations;
  private final int[] slots;
  private int count;

  /**
   * A tap.
   *
   * @param ring of which the worker is the only producer
   * @param capacity the most frames in a burst
   */
  public JournalTap(JournalRing ring, int capacity) {
    this.ring = ring;
    this.burst = new MbufBurst(capacity);
    this.records = new long[capacity];
    this.ruleIds = new int[capacity];
    this.snapBytes = new int[capacity];
    this.anonymisations = new int[capacity];
    this.slots = new int[capacity];
  }

  /** Takes a reference; the record stays as it is until {@link #write}. */
  void add(
      long mbuf, long record, WorkerPlan plan, int rule, int slot, RuleTally.TargetTally tally) {
    burst.set(count, mbuf);
    records[count] = record;
    ruleIds[count] = plan.ruleId(rule);
    final Portion portion = plan.portion(rule);
    snapBytes[count] = portion.snapBytes();
    anonymisations[count] = portion.anonymisation();
    slots[count++] = slot;
    tally.mirrored();
  }

  /** Drops what was added and leaves its references to nobody: after an error within a burst. */
  void forget() {
    count = 0;
  }

  /**
   * Copies what was added into the ring; what finds no room is counted, and how many those are
   * returned.
   */
  int write(RuleTallies tallies, int ingressPort, long timestampNs) {
    if (count == 0) {
      return 0;
    }
    int shed = 0;
    for (int i = 0; i < count; i++) {
      final long mbuf = burst.get(i);
      final int length = Mbuf.packetLength(mbuf);
      final int hash = getInt(records[i] + PacketRecord.FLOW_HASH);
      final int source = JournalRing.source(ingressPort, INBOUND, anonymisations[i]);
      int left = Math.min(length, snapBytes[i]);
      if (ring.tryClaim(timestampNs, ruleIds[i], length, source, hash, left)) {
        for (long segment = mbuf; segment != 0 && left > 0; segment = Mbuf.next(segment)) {
          final int bytes = Math.min(left, Mbuf.dataLength(segment));
          ring.append(Mbuf.data(segment), bytes);
          left -= bytes;
        }
        ring.commit();
        continue;
      }
      shed++;
      if (ring.refusal() == ShedReason.FRAME_TOO_LONG) {
        tallies.ofSlot(slots[i]).tooLongInstead();
      } else {
        tallies.ofSlot(slots[i]).ringFullInstead();
      }
    }
    burst.free(0, count);
    count = 0;
    return shed;
  }
}
