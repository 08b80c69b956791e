package dev.shadowplane.dataplane.mirror;

import static dev.shadowplane.dpdk.NativeMemory.copy;
import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.putByte;
import static dev.shadowplane.dpdk.NativeMemory.putLong;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.TunnelHeader;
import dev.shadowplane.dpdk.AclTable;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;

/**
 * Finds the rule that decides about each packet of a burst: by librte_acl for each kind of packet
 * at once, then what it cannot decide. One thread; allocates nothing.
 */
public final class BurstClassifier {
  private static final int[] KINDS = {
    PacketRecord.KIND_OTHER, PacketRecord.KIND_IPV4, PacketRecord.KIND_IPV6
  };
  private static final int KEY_BYTES = PacketRecord.LONG_BYTES + RecordFields.MAC_BYTES;
  private static final int ETHERNET_BYTES = 14;

  private final PacketView view;
  private final int capacity;
  private final long keys;
  private final long results;
  private final long[] inputs = new long[PacketRecord.KIND_IPV6 + 1];
  private final int[] counts = new int[PacketRecord.KIND_IPV6 + 1];
  private final int[][] packets = new int[PacketRecord.KIND_IPV6 + 1][];
  private final int[] rules;
  private final DecisionCache cache = new DecisionCache();
  private int malformedInner;

  /**
   * A classifier.
   *
   * @param capacity the most packets in a burst
   * @param flowHash fills the records of inner packets
   */
  public BurstClassifier(int capacity, FlowHash flowHash) {
    this.capacity = capacity;
    this.view = new PacketView(flowHash);
    this.rules = new int[capacity];
    this.keys = NativeMemory.allocate((long) capacity * KEY_BYTES, 64);
    this.results = NativeMemory.allocate((long) capacity * Integer.BYTES, 64);
    for (int kind : KINDS) {
      inputs[kind] = NativeMemory.allocate((long) capacity * Long.BYTES, 64);
      packets[kind] = new int[capacity];
    }
  }

  /**
   * Classifies a burst.
   *
   * @param table by which rules
   * @param burst the frames; stay the caller's
   * @param records their records, back to back
   * @param count how many, at most the capacity
   * @return the index of each packet's rule, or {@link RuleTable#NONE}; valid until the next call
   */
  public int[] classify(RuleTable table, MbufBurst burst, long records, int count) {
    NativeMemory.check(0, count, capacity);
    malformedInner = 0;
    if (!table.isLinear()) {
      if (table.needsMacs()) {
        collectKeys(burst, records, count);
      } else {
        cache.use(table);
        collectRecords(records, count);
      }
      for (int kind : KINDS) {
        lookUp(table, kind);
      }
      if (!table.needsMacs()) {
        remember();
      }
    }
    if (table.compares()) {
      compare(table, burst, records, count);
    }
    return rules;
  }

  /**
   * How many packets of the last burst carry one whose headers are cut short or contradict
   * themselves; only where a rule is about such.
   *
   * @return a number
   */
  public int malformedInner() {
    return malformedInner;
  }

  /** All but those of IPv4 about whose flows has been decided before. */
  private void collectRecords(long records, int count) {
    int other = 0;
    int ipv4 = 0;
    int ipv6 = 0;
    final long toIpv4 = inputs[PacketRecord.KIND_IPV4];
    final int[] ofIpv4 = packets[PacketRecord.KIND_IPV4];
    long record = records;
    for (int i = 0; i < count; i++) {
      final int kind = RecordFields.kind(record);
      if (kind == PacketRecord.KIND_IPV4) {
        final int found = cache.find(record);
        rules[i] = found;
        if (found == DecisionCache.MISS) {
          putLong(toIpv4 + ipv4 * 8L, record);
          ofIpv4[ipv4++] = i;
        }
        record += PacketRecord.SHORT_BYTES;
      } else if (kind == PacketRecord.KIND_IPV6) {
        putLong(inputs[PacketRecord.KIND_IPV6] + ipv6 * 8L, record);
        packets[PacketRecord.KIND_IPV6][ipv6++] = i;
        record += PacketRecord.LONG_BYTES;
      } else {
        putLong(inputs[PacketRecord.KIND_OTHER] + other * 8L, record);
        packets[PacketRecord.KIND_OTHER][other++] = i;
        record += PacketRecord.SHORT_BYTES;
      }
    }
    counts[PacketRecord.KIND_OTHER] = other;
    counts[PacketRecord.KIND_IPV4] = ipv4;
    counts[PacketRecord.KIND_IPV6] = ipv6;
  }

  private void remember() {
    final long looked = inputs[PacketRecord.KIND_IPV4];
    final int[] ofIpv4 = packets[PacketRecord.KIND_IPV4];
    for (int i = 0; i < counts[PacketRecord.KIND_IPV4]; i++) {
      cache.put(getLong(looked + i * 8L), rules[ofIpv4[i]]);
    }
  }

  /** All, with the MAC addresses behind a copy of each record. */
  private void collectKeys(MbufBurst burst, long records, int count) {
    for (int kind : KINDS) {
      counts[kind] = 0;
    }
    long record = records;
    for (int i = 0; i < count; i++) {
      final int kind = RecordFields.kind(record);
      final int length = PacketRecord.lengthBytes(kind);
      final long key = keys + (long) i * KEY_BYTES;
      copy(record, key, length);
      final boolean there = view.of(record, burst.get(i)).available() >= ETHERNET_BYTES;
      if (there) {
        copy(view.frame(), key + length, RecordFields.MAC_BYTES);
      }
      putByte(key + RecordFields.KEY_MACS_THERE, there ? 1 : 0);
      putLong(inputs[kind] + counts[kind] * 8L, key);
      packets[kind][counts[kind]++] = i;
      record += length;
    }
  }

  private void lookUp(RuleTable table, int kind) {
    final int count = counts[kind];
    if (count == 0) {
      return;
    }
    final int[] ofKind = packets[kind];
    for (int i = 0; i < count; i++) {
      rules[ofKind[i]] = RuleTable.NONE;
    }
    final AclTable[] tables = table.tables(kind);
    for (int k = 0; k < tables.length; k++) {
      tables[k].classify(inputs[kind], results, count);
      // A result is a rule's index and 1; 0, which becomes the largest number, without one.
      for (int i = 0; i < count; i++) {
        final int found = getInt(results + i * 4L) - 1;
        final int packet = ofKind[i];
        rules[packet] = Integer.compareUnsigned(found, rules[packet]) < 0 ? found : rules[packet];
      }
    }
  }

  private void compare(RuleTable table, MbufBurst burst, long records, int count) {
    final boolean afresh = table.isLinear();
    final boolean inner = table.needsInner();
    long record = records;
    for (int i = 0; i < count; i++) {
      view.of(record, burst.get(i));
      if (inner && TunnelHeader.mayBeTunnel(record) && view.tunnel().isMalformed()) {
        malformedInner++;
      }
      rules[i] = table.compare(view, afresh ? RuleTable.NONE : rules[i]);
      record += PacketRecord.lengthBytes(RecordFields.kind(record));
    }
  }
}
