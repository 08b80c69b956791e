package dev.shadowplane.dataplane.mirror;

/**
 * How much of each flow has gone by, for rules that take its beginning. Of bounded size: when too
 * many flows meet in one place, the one that was silent longest is forgotten, and begins anew if it
 * speaks again. One worker's.
 */
public final class FlowStarts {
  private static final int BUCKETS = 1 << 14;
  private static final int WAYS = 4;
  private static final int ENTRY = 4;
  private static final int PACKETS = 1;
  private static final int BYTES = 2;
  private static final int LAST_NS = 3;

  /** After so long a silence a flow begins anew, as in the flow table. */
  private static final long IDLE_NS = 15_000_000_000L;

  private static final long ODD = 0x9E3779B97F4A7C15L;

  private final long[] entries = new long[BUCKETS * WAYS * ENTRY];

  /**
   * Counts a packet of a flow.
   *
   * @param rule the rule's identifier, above 0
   * @param flowHash of the packet's flow; two flows of one hash count together
   * @param bytes of the frame
   * @param nowNs monotonic
   * @param firstPackets how many packets to take of a flow; 0 for any number
   * @param firstBytes until how many bytes to take them; 0 for any number
   * @return whether the packet belongs to the beginning
   */
  boolean isBeginning(
      int rule, int flowHash, int bytes, long nowNs, long firstPackets, long firstBytes) {
    final long key = ((long) rule << 32) | Integer.toUnsignedLong(flowHash);
    final int at = find(key, nowNs);
    final boolean known = entries[at] == key && nowNs - entries[at + LAST_NS] < IDLE_NS;
    final long packets = known ? entries[at + PACKETS] : 0;
    final long before = known ? entries[at + BYTES] : 0;
    entries[at] = key;
    entries[at + PACKETS] = packets + 1;
    entries[at + BYTES] = before + bytes;
    entries[at + LAST_NS] = nowNs;
    return (firstPackets == 0 || packets < firstPackets)
        && (firstBytes == 0 || before < firstBytes);
  }

  /** The place of a key: where it is, or else the one that is free, or silent longest. */
  private int find(long key, long nowNs) {
    final int bucket = (int) ((key * ODD) >>> 50) * WAYS * ENTRY;
    int oldest = bucket;
    long silentNs = -1;
    for (int way = 0; way < WAYS; way++) {
      final int at = bucket + way * ENTRY;
      if (entries[at] == key) {
        return at;
      }
      final long silence = entries[at] == 0 ? Long.MAX_VALUE : nowNs - entries[at + LAST_NS];
      if (silence > silentNs) {
        silentNs = silence;
        oldest = at;
      }
    }
    return oldest;
  }
}
