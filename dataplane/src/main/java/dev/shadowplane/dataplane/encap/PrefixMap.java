package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Addresses of one IP version by longest prefix, as pairs of words loaded from the wire; an IPv4
 * address is the low half of the second. One look into a table for each length in use. Immutable.
 */
final class PrefixMap {
  /** What {@link #find} returns when no prefix holds the address. */
  static final int NONE = -1;

  private final Table[] tables;
  private final long[] toHigh;
  private final long[] toLow;
  private final long[] maskHigh;
  private final long[] maskLow;

  /** The prefixes of one length, open addressing; an entry is the index of the pair plus one. */
  private static final class Table {
    private final long maskHigh;
    private final long maskLow;
    private final long[] keys;
    private final int[] entries;

    private Table(long maskHigh, long maskLow, int size) {
      this.maskHigh = maskHigh;
      this.maskLow = maskLow;
      final int capacity = Integer.highestOneBit(Math.max(size, 2)) * 4;
      keys = new long[2 * capacity];
      entries = new int[capacity];
    }

    private void put(long high, long low, int entry) {
      int at = slot(high, low);
      while (entries[at] != 0) {
        at = (at + 1) & (entries.length - 1);
      }
      keys[2 * at] = high;
      keys[2 * at + 1] = low;
      entries[at] = entry;
    }

    private int find(long addressHigh, long addressLow) {
      final long high = addressHigh & maskHigh;
      final long low = addressLow & maskLow;
      int at = slot(high, low);
      while (entries[at] != 0 && (keys[2 * at] != high || keys[2 * at + 1] != low)) {
        at = (at + 1) & (entries.length - 1);
      }
      return entries[at];
    }

    private int slot(long high, long low) {
      final long mixed = ((high * 0x9E3779B97F4A7C15L) ^ low) * 0xBF58476D1CE4E5B9L;
      return (int) (mixed >>> 32) & (entries.length - 1);
    }
  }

  /** Those of the pairs that are of one IP version. */
  PrefixMap(Map<IpPrefix, IpPrefix> pairs, boolean ipv6) {
    final List<Map.Entry<IpPrefix, IpPrefix>> ours =
        pairs.entrySet().stream().filter(pair -> pair.getKey().isIpv6() == ipv6).toList();
    tables =
        ours.stream()
            .map(pair -> pair.getKey().length())
            .distinct()
            .sorted(Comparator.reverseOrder())
            .map(length -> table(ours, length))
            .toArray(Table[]::new);
    toHigh = ours.stream().mapToLong(pair -> high(pair.getValue())).toArray();
    toLow = ours.stream().mapToLong(pair -> low(pair.getValue())).toArray();
    maskHigh = ours.stream().mapToLong(pair -> wire(ipv6, pair.getKey().highMask())).toArray();
    maskLow = ours.stream().mapToLong(pair -> wire(ipv6, pair.getKey().lowMask())).toArray();
  }

  private static Table table(List<Map.Entry<IpPrefix, IpPrefix>> pairs, int length) {
    Table table = null;
    for (int i = 0; i < pairs.size(); i++) {
      final IpPrefix from = pairs.get(i).getKey();
      if (from.length() == length) {
        if (table == null) {
          table =
              new Table(
                  wire(from.isIpv6(), from.highMask()),
                  wire(from.isIpv6(), from.lowMask()),
                  pairs.size());
        }
        table.put(high(from), low(from), i + 1);
      }
    }
    if (table == null) {
      throw new IllegalArgumentException("no prefix of " + length);
    }
    return table;
  }

  private static long high(IpPrefix prefix) {
    return wire(prefix.isIpv6(), prefix.high());
  }

  private static long low(IpPrefix prefix) {
    return wire(prefix.isIpv6(), prefix.low());
  }

  private static long wire(boolean ipv6, long word) {
    return ipv6
        ? Long.reverseBytes(word)
        : Integer.toUnsignedLong(Integer.reverseBytes((int) word));
  }

  /** The entry for an address, or {@link #NONE}. */
  int find(long high, long low) {
    for (Table table : tables) {
      final int entry = table.find(high, low);
      if (entry != 0) {
        return entry - 1;
      }
    }
    return NONE;
  }

  /** The first word of what stands for an address that {@link #find} found. */
  long high(int entry, long high) {
    return toHigh[entry] | (high & ~maskHigh[entry]);
  }

  /** The second. */
  long low(int entry, long low) {
    return toLow[entry] | (low & ~maskLow[entry]);
  }
}
