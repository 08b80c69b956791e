package dev.shadowplane.dataplane.mirror;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putLong;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * What librte_acl has decided about the flows seen last, in the manner of Open vSwitch's exact
 * match cache: whatever of a record rules look at is compared as a whole, so a decision is found
 * without asking, or not at all. For IPv4 records. One thread; allocates nothing.
 *
 * <p>An entry has the size of a record and is laid out as one, less what no rule looks at. Where a
 * record has the frame's length an entry has the decision, and where it has the IP length, the
 * generation: entries of another table never match.
 */
final class DecisionCache {
  /** What {@link #find} returns for a packet that is to be looked up. */
  static final int MISS = -2;

  private static final int PAIRS = 4_096;
  private static final int PAIR_SHIFT = 6;
  private static final int MAX_GENERATION = 0xffff;

  /** With more flows than entries, one in so many replaces another: the others keep theirs. */
  private static final int REPLACEMENT = 8;

  private static final long TCP_FLAGS = 0xffL << (8 * (PacketRecord.TCP_FLAGS - 8));

  /** VLAN identifiers, without the priorities beside them, and the protocol. */
  private static final long UPPER =
      (0xff0fL << (8 * (PacketRecord.VLAN_TCI - 8)))
          | (0xff0fL << (8 * (PacketRecord.INNER_VLAN_TCI - 8)))
          | (0xffL << (8 * (PacketRecord.PROTOCOL - 8)));

  /** Without the traffic class, and whatever else a record says of itself. */
  private static final int HEAD =
      0x00ff_ffff & ~(PacketRecord.FLAG_FULL << (8 * PacketRecord.FLAGS));

  private static final int TRAFFIC_CLASS = 0xff << (8 * PacketRecord.TRAFFIC_CLASS);

  private final long entries =
      NativeMemory.allocate((long) PAIRS << PAIR_SHIFT, PacketRecord.LONG_BYTES);
  private @Nullable RuleTable table;
  private int generation;
  private int headMask;
  private long upperMask;
  private int misses;

  /** Forgets what another table has decided. */
  void use(RuleTable current) {
    if (table == current) {
      return;
    }
    table = current;
    headMask = HEAD | (current.looksAtDscp() ? TRAFFIC_CLASS : 0);
    upperMask = UPPER | (current.looksAtTcpFlags() ? TCP_FLAGS : 0);
    if (generation == MAX_GENERATION) {
      generation = 0;
      NativeMemory.segment(entries, (long) PAIRS << PAIR_SHIFT).fill((byte) 0);
    }
    generation++;
  }

  /**
   * The decision about a packet.
   *
   * @param record of IPv4
   * @return the index of its rule, {@link RuleTable#NONE} or {@link #MISS}
   */
  int find(long record) {
    final int head = getInt(record);
    final long upper = upper(record);
    final long ends = getLong(record + PacketRecord.SOURCE_PORT);
    final long addresses = getLong(record + PacketRecord.SOURCE_ADDRESS);
    final long pair = pair(ends);
    if (difference(pair, head, upper, ends, addresses) == 0) {
      return decision(pair);
    }
    final long second = pair + PacketRecord.SHORT_BYTES;
    return difference(second, head, upper, ends, addresses) == 0 ? decision(second) : MISS;
  }

  private long difference(long entry, int head, long upper, long ends, long addresses) {
    return ((getInt(entry) ^ head) & headMask)
        | (getLong(entry + 8) ^ upper)
        | (getLong(entry + 16) ^ ends)
        | (getLong(entry + 24) ^ addresses);
  }

  private static int decision(long entry) {
    return getInt(entry + PacketRecord.FRAME_LENGTH);
  }

  /** Remembers the decision about a packet that was a miss, unless its places are taken. */
  void put(long record, int rule) {
    final long ends = getLong(record + PacketRecord.SOURCE_PORT);
    final long first = pair(ends);
    final long second = first + PacketRecord.SHORT_BYTES;
    if (isFree(first)) {
      write(first, record, ends, rule);
    } else if (isFree(second)) {
      write(second, record, ends, rule);
    } else if (++misses % REPLACEMENT == 0) {
      write((misses & REPLACEMENT) == 0 ? first : second, record, ends, rule);
    }
  }

  private boolean isFree(long entry) {
    return (getLong(entry + 8) & MAX_GENERATION) != generation;
  }

  private void write(long entry, long record, long ends, int rule) {
    putInt(entry, getInt(record));
    putInt(entry + PacketRecord.FRAME_LENGTH, rule);
    putLong(entry + 8, upper(record));
    putLong(entry + 16, ends);
    putLong(entry + 24, getLong(record + PacketRecord.SOURCE_ADDRESS));
  }

  private long upper(long record) {
    return (getLong(record + 8) & upperMask) | generation;
  }

  /**
   * Both places, in one cache line, where a packet's entry may be. The hash is that of both
   * directions of a flow: the source port tells them apart.
   */
  private long pair(long ends) {
    return entries + ((((ends >>> Integer.SIZE) + ends) & (PAIRS - 1)) << PAIR_SHIFT);
  }
}
