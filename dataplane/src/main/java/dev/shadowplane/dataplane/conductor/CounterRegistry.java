package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.telemetry.CountersFile;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Predicate;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * The data plane's counters by label: asked for twice, one is found again. The conductor's thread,
 * or before it starts.
 */
final class CounterRegistry {
  private final CountersFile file;
  private final Map<String, AtomicCounter> counters = new HashMap<>();

  CounterRegistry(CountersFile file) {
    this.file = file;
  }

  AtomicCounter counter(int type, String label) {
    return counters.computeIfAbsent(label, key -> file.newCounter(type, key));
  }

  /** Frees the counters that nobody writes any more. */
  void free(Predicate<String> label) {
    for (Iterator<Map.Entry<String, AtomicCounter>> it = counters.entrySet().iterator();
        it.hasNext(); ) {
      final Map.Entry<String, AtomicCounter> entry = it.next();
      if (label.test(entry.getKey())) {
        file.free(entry.getValue());
        it.remove();
      }
    }
  }
}
