package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.config.RewriteConfig;
import java.util.Arrays;
import java.util.Map;

/** A {@link RewriteConfig} in the form in which packets are changed. Immutable. */
final class Rewrite {
  private static final int VLANS = 1 << 12;

  /** No MAC address: all 48 bits are below it. */
  private static final long FREE = -1;

  private final long[] macKeys;
  private final long[] macValues;
  private final char[] vlans = new char[VLANS];
  private final PrefixMap ipv4;
  private final PrefixMap ipv6;

  Rewrite(RewriteConfig config) {
    final int capacity = Integer.highestOneBit(Math.max(config.macs().size(), 2)) * 4;
    macKeys = new long[capacity];
    macValues = new long[capacity];
    Arrays.fill(macKeys, FREE);
    config.macs().forEach((from, to) -> put(wire(from.value()), wire(to.value())));
    for (char vlan = 0; vlan < VLANS; vlan++) {
      vlans[vlan] = vlan;
    }
    for (Map.Entry<Integer, Integer> pair : config.vlans().entrySet()) {
      vlans[pair.getKey()] = (char) (int) pair.getValue();
    }
    ipv4 = new PrefixMap(config.addresses(), false);
    ipv6 = new PrefixMap(config.addresses(), true);
  }

  private static long wire(long mac) {
    return Long.reverseBytes(mac) >>> 16;
  }

  private void put(long from, long to) {
    int at = slot(from);
    while (macKeys[at] != FREE) {
      at = (at + 1) & (macKeys.length - 1);
    }
    macKeys[at] = from;
    macValues[at] = to;
  }

  private int slot(long mac) {
    return (int) ((mac * 0x9E3779B97F4A7C15L) >>> 32) & (macKeys.length - 1);
  }

  /** What stands for a MAC address, in 48 bits as loaded from the wire. */
  long mac(long mac) {
    int at = slot(mac);
    while (macKeys[at] != FREE && macKeys[at] != mac) {
      at = (at + 1) & (macKeys.length - 1);
    }
    return macKeys[at] == FREE ? mac : macValues[at];
  }

  /** What stands for a VLAN identifier of 12 bits. */
  int vlan(int vlan) {
    return vlans[vlan];
  }

  PrefixMap ipv4() {
    return ipv4;
  }

  PrefixMap ipv6() {
    return ipv6;
  }
}
