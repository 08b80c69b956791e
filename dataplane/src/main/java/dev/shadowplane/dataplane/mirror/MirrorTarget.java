package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.TxQueue;

/**
 * A worker's way to a target port: collects references during a burst, sends them after production.
 * One thread. Each mbuf added brings a reference that {@link #send} gives away, one way or the
 * other.
 */
public final class MirrorTarget {
  private final TxQueue queue;
  private final int maxFrameBytes;
  private final MbufBurst burst;
  private final int[] slots;
  private int count;

  /**
   * A target.
   *
   * @param queue a transmit queue that the worker owns
   * @param maxFrameBytes the longest frame that the port takes; some drivers count longer ones as
   *     sent
   * @param capacity the most frames in a burst
   */
  public MirrorTarget(TxQueue queue, int maxFrameBytes, int capacity) {
    this.queue = queue;
    this.maxFrameBytes = maxFrameBytes;
    this.burst = new MbufBurst(capacity);
    this.slots = new int[capacity];
  }

  /**
   * The longest frame that can be added.
   *
   * @return in bytes, without check sequence
   */
  public int maxFrameBytes() {
    return maxFrameBytes;
  }

  /**
   * Takes a reference.
   *
   * @param mbuf a frame no longer than {@link #maxFrameBytes()}
   * @param slot of the rule and its target, as {@link RuleTally#slot} packs them
   * @param tally where it is counted
   */
  public void add(long mbuf, int slot, RuleTally.TargetTally tally) {
    burst.set(count, mbuf);
    slots[count++] = slot;
    tally.mirrored();
  }

  /**
   * Takes a reference to each frame of a burst, of which the caller is the sole owner.
   *
   * @param frames the burst; stays the caller's
   * @param size how many there are
   * @param slot of the rule and its target
   * @param tallies where they are counted
   * @return false, and nothing is done, when one is too long or a driver has left marks on it
   */
  public boolean addAll(MbufBurst frames, int size, int slot, RuleTallies tallies) {
    long flags = 0;
    int longest = 0;
    for (int i = 0; i < size; i++) {
      flags |= Mbuf.offloadFlags(frames.get(i));
      longest = Math.max(longest, Mbuf.packetLength(frames.get(i)));
    }
    if (flags != 0 || longest > maxFrameBytes) {
      return false;
    }
    final RuleTally.TargetTally tally = tallies.ofSlot(slot);
    for (int i = 0; i < size; i++) {
      add(frames.get(i), slot, tally);
      Mbuf.addReferences(frames.get(i), 1);
    }
    return true;
  }

  /** Drops what was added and leaves its references to nobody: after an error within a burst. */
  public void forget() {
    count = 0;
  }

  /**
   * Sends what was added; what the driver does not take is freed and counted.
   *
   * @param tallies those of the rules that the slots refer to
   */
  public void send(RuleTallies tallies) {
    if (count == 0) {
      return;
    }
    final int sent = queue.send(burst, 0, count);
    if (sent < count) {
      for (int i = sent; i < count; i++) {
        tallies.ofSlot(slots[i]).ringFullInstead();
      }
      burst.free(sent, count - sent);
    }
    count = 0;
  }
}
