package dev.shadowplane.dataplane.journal;

import org.agrona.BitUtil;

/** Frames and bytes of the current batch by rule, in an open-addressed table that never grows. */
final class BatchTally {
  private static final int HASH_MULTIPLIER = 0x9E3779B9;

  private final int mask;
  private final int shift;
  private final int[] ruleIds;
  private final int[] frames;
  private final long[] bytes;
  private final int[] usedSlots;
  private int used;
  private int lastSlot;

  /** Makes room for so many distinct rules, of which a batch holds at most one a frame. */
  BatchTally(int maxRules) {
    int length = BitUtil.findNextPositivePowerOfTwo(Math.max(2, maxRules * 2));
    mask = length - 1;
    shift = Integer.SIZE - Integer.numberOfTrailingZeros(length);
    ruleIds = new int[length];
    frames = new int[length];
    bytes = new long[length];
    usedSlots = new int[maxRules];
  }

  void add(int ruleId, int frameBytes) {
    int slot = lastSlot;
    if (ruleIds[slot] != ruleId || frames[slot] == 0) {
      slot = find(ruleId);
      lastSlot = slot;
    }
    frames[slot]++;
    bytes[slot] += frameBytes;
  }

  private int find(int ruleId) {
    int slot = (ruleId * HASH_MULTIPLIER) >>> shift;
    while (frames[slot] != 0 && ruleIds[slot] != ruleId) {
      slot = (slot + 1) & mask;
    }
    if (frames[slot] == 0) {
      ruleIds[slot] = ruleId;
      bytes[slot] = 0;
      usedSlots[used++] = slot;
    }
    return slot;
  }

  /** Tells the ledger what became of the batch, and empties the table. */
  void publish(JournalLedger ledger, boolean journaled) {
    for (int i = 0; i < used; i++) {
      int slot = usedSlots[i];
      if (journaled) {
        ledger.journaled(ruleIds[slot], frames[slot], bytes[slot]);
      } else {
        ledger.shed(ruleIds[slot], ShedReason.JOURNAL_FAILED, frames[slot]);
      }
      frames[slot] = 0;
    }
    used = 0;
  }
}
