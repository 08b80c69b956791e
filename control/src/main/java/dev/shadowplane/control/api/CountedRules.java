package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersView;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The names of rules by the ids of their counters {@code rule.NAME.matched}, of which each worker
 * has one; read anew once a second at most.
 */
final class CountedRules implements RuleNames {
  private static final String BEFORE = "rule.";
  private static final String BEHIND = ".matched";
  private static final long FRESH_NS = TimeUnit.SECONDS.toNanos(1);

  private final Supplier<CountersView> counters;
  private volatile Map<Long, String> names = Map.of();
  private volatile long readNs = System.nanoTime() - FRESH_NS;

  CountedRules(final Supplier<CountersView> counters) {
    this.counters = counters;
  }

  @Override
  public String nameOf(final long number) {
    if (System.nanoTime() - readNs >= FRESH_NS) {
      readNs = System.nanoTime();
      names = read();
    }
    return names.getOrDefault(number, "");
  }

  private Map<Long, String> read() {
    final Map<Long, String> read = new HashMap<>();
    try {
      counters
          .get()
          .forEach((id, type, label, value) -> {
            final int end = label.lastIndexOf(BEHIND);
            if (type == CounterTypes.RULE && label.startsWith(BEFORE) && end > BEFORE.length()) {
              read.put((long) id, label.substring(BEFORE.length(), end));
            }
          });
    } catch (StatusRuntimeException e) {
      // No data plane is attached: what was known of the last one still tells most.
      return names;
    }
    return read;
  }
}
