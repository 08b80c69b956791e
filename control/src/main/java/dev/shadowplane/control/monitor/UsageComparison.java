package dev.shadowplane.control.monitor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a production network and its shadow use at one time.
 *
 * @param second when, in seconds since 1970.
 * @param primary the production network.
 * @param shadow its shadow; empty if it has none.
 * @param rows by VM, the networks as a whole first.
 */
public record UsageComparison(long second, String primary, String shadow, List<Row> rows) {
  /** Copies the list. */
  public UsageComparison {
    rows = List.copyOf(rows);
  }

  /**
   * A VM.
   *
   * @param vm its name; empty for the whole network.
   * @param primary what production's uses; null if unknown.
   * @param shadow what the shadow's uses; null if unknown, or there is none.
   */
  public record Row(String vm, @Nullable VmUsage primary, @Nullable VmUsage shadow) {}
}
