package dev.shadowplane.dataplane.analytics.aggregate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Distinct counts of everything, and of the first {@link #NETWORKS} networks that are in use. What
 * was counted lately in the same minute is recognised and not counted again. Not thread-safe.
 */
final class Distincts {
  /** Networks with counts of their own at a time. */
  static final int NETWORKS = 64;

  private static final int RECENT = 1 << 14;
  private static final long ODD = 0x9E3779B97F4A7C15L;

  private final DistinctMinutes all = new DistinctMinutes();
  private final Long2ObjectHashMap<DistinctMinutes> byNetwork = new Long2ObjectHashMap<>();
  private final long[] recent = new long[RECENT];
  private long minute = 1;

  /** Counts what a packet bears, by hashes of 64 bits; the network by its number. */
  void count(long source, long destination, long port, long pair, long network) {
    final long together = (source * ODD + destination) * ODD + port + network * ODD;
    final int slot = (int) (together >>> 40) & RECENT - 1;
    // Stamped with the minute, so that nothing is recognised in the next one.
    final long stamped = together + minute * ODD;
    if (recent[slot] == stamped) {
      return;
    }
    recent[slot] = stamped;
    all.count(source, destination, port, pair);
    DistinctMinutes minutes = byNetwork.get(network);
    if (minutes == null) {
      if (byNetwork.size() >= NETWORKS) {
        return;
      }
      minutes = new DistinctMinutes();
      byNetwork.put(network, minutes);
    }
    minutes.count(source, destination, port, pair);
  }

  /** Begins the next minute. */
  void roll() {
    minute++;
    all.roll();
    final var networks = byNetwork.values().iterator();
    while (networks.hasNext()) {
      final DistinctMinutes minutes = networks.next();
      minutes.roll();
      if (minutes.isEmpty()) {
        networks.remove();
      }
    }
  }

  /** The sketches of everything in the latest minutes. */
  List<DistinctSketches> latest(int count) {
    return all.latest(count);
  }

  /** Those of each network that has some. */
  Map<Long, List<DistinctSketches>> latestByNetwork(int count) {
    final Map<Long, List<DistinctSketches>> latest = new HashMap<>();
    byNetwork.forEachLong((network, minutes) -> latest.put(network, minutes.latest(count)));
    return latest;
  }
}
