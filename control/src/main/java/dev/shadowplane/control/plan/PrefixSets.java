package dev.shadowplane.control.plan;

import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Sets of addresses as lists of prefixes. */
final class PrefixSets {
  private static final Comparator<IpPrefix> IN_ORDER =
      Comparator.comparing(IpPrefix::isIpv6)
          .thenComparing((a, b) -> Long.compareUnsigned(a.high(), b.high()))
          .thenComparing((a, b) -> Long.compareUnsigned(a.low(), b.low()))
          .thenComparingInt(IpPrefix::length);

  private PrefixSets() {}

  /** The shortest list of prefixes with exactly the same addresses, in order. */
  static List<IpPrefix> shortest(final Collection<IpPrefix> prefixes) {
    final List<IpPrefix> shortest = new ArrayList<>();
    for (final IpPrefix next : prefixes.stream().sorted(IN_ORDER).toList()) {
      if (!shortest.isEmpty() && holds(shortest.getLast(), next)) {
        continue;
      }
      IpPrefix joined = next;
      while (!shortest.isEmpty() && areHalves(shortest.getLast(), joined)) {
        final IpPrefix half = shortest.removeLast();
        joined = new IpPrefix(half.isIpv6(), half.high(), half.low(), half.length() - 1);
      }
      shortest.add(joined);
    }
    return List.copyOf(shortest);
  }

  private static boolean holds(final IpPrefix prefix, final IpPrefix other) {
    return prefix.isIpv6() == other.isIpv6()
        && prefix.length() <= other.length()
        && prefix.high() == (other.high() & prefix.highMask())
        && prefix.low() == (other.low() & prefix.lowMask());
  }

  private static boolean areHalves(final IpPrefix a, final IpPrefix b) {
    if (a.isIpv6() != b.isIpv6() || a.length() != b.length() || a.length() == 0 || a.equals(b)) {
      return false;
    }
    final IpPrefix whole = new IpPrefix(a.isIpv6(), a.high(), a.low(), a.length() - 1);
    return holds(whole, b);
  }
}
