package dev.shadowplane.dataplane.analytics.aggregate;

import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The subnet of an address: the longest of the prefixes given; without any, its /24 or /64.
 * Addresses are those of IPv6, with IPv4 in their mapped form (RFC 4291, 2.5.5.2). Finds by one
 * look-up for each length among the prefixes; allocates nothing after construction.
 */
final class SubnetMap {
  /** The prefix length of an address that is in no subnet. */
  static final int ELSEWHERE = -1;

  /** The bits before an IPv4 address in its mapped form. */
  static final int MAPPED_BITS = 96;

  /** Those bits, of the lower half. */
  static final long MAPPED = 0xffff_0000_0000L;

  private static final int DEFAULT_IPV4 = MAPPED_BITS + 24;
  private static final int DEFAULT_IPV6 = 64;

  private record Prefix(long high, long low, int length) {}

  private final int[] lengths;
  private final long[] slots;
  private final int mask;
  private long high;
  private long low;

  SubnetMap(List<IpPrefix> subnets) {
    final Set<Prefix> prefixes = new HashSet<>();
    for (IpPrefix subnet : subnets) {
      prefixes.add(
          subnet.isIpv6()
              ? new Prefix(subnet.high(), subnet.low(), subnet.length())
              : new Prefix(0, MAPPED | subnet.low(), MAPPED_BITS + subnet.length()));
    }
    lengths =
        prefixes.stream()
            .map(Prefix::length)
            .distinct()
            .sorted(Comparator.reverseOrder())
            .mapToInt(Integer::intValue)
            .toArray();
    slots = new long[3 * Integer.highestOneBit(Math.max(2, 4 * prefixes.size() - 1))];
    mask = slots.length / 3 - 1;
    new ArrayList<>(prefixes).forEach(this::put);
  }

  /**
   * Finds the subnet of an address, which {@link #high} and {@link #low} then are.
   *
   * @return its prefix length, of an address of 128 bits, or {@link #ELSEWHERE}
   */
  int find(long addressHigh, long addressLow) {
    if (lengths.length == 0) {
      final int length = isMapped(addressHigh, addressLow) ? DEFAULT_IPV4 : DEFAULT_IPV6;
      cut(addressHigh, addressLow, length);
      return length;
    }
    for (int length : lengths) {
      cut(addressHigh, addressLow, length);
      for (int at = slot(high, low, length); slots[at + 2] != 0; at = (at + 3) % slots.length) {
        if (slots[at] == high && slots[at + 1] == low && slots[at + 2] == length + 1) {
          return length;
        }
      }
    }
    high = 0;
    low = 0;
    return ELSEWHERE;
  }

  /** Whether an address is one of IPv4. */
  static boolean isMapped(long high, long low) {
    return high == 0 && low >>> 32 == 0xffff;
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }

  private void put(Prefix prefix) {
    int at = slot(prefix.high, prefix.low, prefix.length);
    while (slots[at + 2] != 0) {
      at = (at + 3) % slots.length;
    }
    slots[at] = prefix.high;
    slots[at + 1] = prefix.low;
    slots[at + 2] = prefix.length + 1L;
  }

  private void cut(long addressHigh, long addressLow, int length) {
    high = length == 0 ? 0 : length >= 64 ? addressHigh : addressHigh & -1L << (64 - length);
    low = length <= 64 ? 0 : length == 128 ? addressLow : addressLow & -1L << (128 - length);
  }

  private int slot(long prefixHigh, long prefixLow, int length) {
    final long mixed = ((prefixHigh * 31 + prefixLow) * 31 + length) * 0x9E3779B97F4A7C15L;
    return 3 * ((int) (mixed >>> 40) & mask);
  }
}
