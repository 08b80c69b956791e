package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dpdk.ProcessCores;
import java.io.IOException;
import java.util.BitSet;

/**
 * The cores of every thread but workers, as the launcher names them. The start, which is mostly the
 * compiler's, uses all cores; from then on none but its worker is to run on a worker's.
 */
final class HousekeepingCores {
  /** As {@code taskset} reads them: numbers and ranges, separated by commas. */
  private static final String PROPERTY = "shadowplane.housekeeping";

  private HousekeepingCores() {}

  /** Leaves the others, if the launcher has named any. Workers pin themselves afterwards. */
  static void confine() throws IOException {
    final String list = System.getProperty(PROPERTY, "");
    if (!list.isEmpty()) {
      ProcessCores.confine(parse(list));
    }
  }

  static BitSet parse(String list) {
    final BitSet cores = new BitSet();
    for (String part : list.split(",", -1)) {
      final String[] ends = part.split("-", 2);
      cores.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
    }
    return cores;
  }
}
