package dev.shadowplane.dataplane.analytics.aggregate;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What there was, by minute; one without traffic has no sketches. Allocates once a minute, and
 * while sketches are small and grow. Not thread-safe.
 */
final class DistinctMinutes {
  private final @Nullable DistinctSketches[] minutes = new DistinctSketches[MinuteSums.MINUTES + 1];
  private int now;
  private int silentMinutes;

  void count(long source, long destination, long port, long pair) {
    DistinctSketches sketches = minutes[now];
    if (sketches == null) {
      sketches = DistinctSketches.empty();
      minutes[now] = sketches;
    }
    sketches.count(source, destination, port, pair);
  }

  /** Begins the next minute. */
  void roll() {
    silentMinutes = minutes[now] == null ? silentMinutes + 1 : 0;
    now = now == MinuteSums.MINUTES ? 0 : now + 1;
    minutes[now] = null;
  }

  /** Whether nothing is left in any minute. */
  boolean isEmpty() {
    return silentMinutes > MinuteSums.MINUTES;
  }

  /**
   * The sketches of the latest minutes, for another thread.
   *
   * @param count of whole minutes, beside the one that lasts; at most {@link MinuteSums#MINUTES}
   */
  List<DistinctSketches> latest(int count) {
    final List<DistinctSketches> latest = new ArrayList<>();
    for (int ago = 0; ago <= count; ago++) {
      final DistinctSketches sketches = minutes[Math.floorMod(now - ago, minutes.length)];
      if (sketches != null) {
        latest.add(ago == 0 ? sketches.copy() : sketches);
      }
    }
    return latest;
  }
}
