package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersView;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.agrona.collections.Long2LongHashMap;

/**
 * The names of rules by the ids of their counters {@code rule.NAME.matched}, of which each worker
 * has one. They are read anew once a second at most, sooner for an id not seen yet, and kept until
 * another rule's counter has the id, which is seconds after the first was removed.
 */
final class CountedRules implements RuleNames {
  /** The least key; ids are smaller. */
  private static final long FIRST_KEY = 1L << 32;

  private static final int MOST_KEYS = 1 << 16;
  private static final long NONE = -1;
  private static final String BEFORE = "rule.";
  private static final String BEHIND = ".matched";
  private static final long FRESH_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long UNSEEN_NS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Supplier<CountersView> counters;
  private final LongSupplier nanoClock;
  private final Map<String, Long> keysByName = new ConcurrentHashMap<>();
  private final Map<Long, String> namesByKey = new ConcurrentHashMap<>();
  // Never changed once it is here.
  private volatile Long2LongHashMap keysById = new Long2LongHashMap(NONE);
  private volatile long readNs;

  CountedRules(final Supplier<CountersView> counters, final LongSupplier nanoClock) {
    this.counters = counters;
    this.nanoClock = nanoClock;
    readNs = nanoClock.getAsLong() - FRESH_NS;
  }

  @Override
  public String nameOf(final long number) {
    final String name = namesByKey.get(keyOf(number));
    return name == null ? "" : name;
  }

  /**
   * What stands for a rule of that name from now on, whichever ids it has, of whichever worker and
   * data plane: sums under it are never another rule's. Any thread; waits for no more than another
   * reading of the counters.
   *
   * @param number the id in a record; a key, and what is negative, comes back as it is.
   * @return the key, or the id while no name is known.
   */
  long keyOf(final long number) {
    if (number < 0 || number >= FIRST_KEY) {
      return number;
    }
    final long ageNs = nanoClock.getAsLong() - readNs;
    long key = keysById.get(number);
    if (ageNs >= FRESH_NS || (key == NONE && ageNs >= UNSEEN_NS)) {
      read();
      key = keysById.get(number);
    }
    return key == NONE ? number : key;
  }

  private synchronized void read() {
    readNs = nanoClock.getAsLong();
    final Long2LongHashMap next = new Long2LongHashMap(keysById);
    try {
      counters
          .get()
          .forEach((id, type, label, value) -> {
            final int end = label.lastIndexOf(BEHIND);
            if (type == CounterTypes.RULE && label.startsWith(BEFORE) && end > BEFORE.length()) {
              put(next, id, label.substring(BEFORE.length(), end));
            }
          });
    } catch (StatusRuntimeException e) {
      // No data plane is attached: what was known of the last one still tells most.
      return;
    }
    keysById = next;
  }

  private void put(final Long2LongHashMap next, final long id, final String name) {
    Long key = keysByName.get(name);
    if (key == null) {
      if (keysByName.size() >= MOST_KEYS) {
        next.remove(id);
        return;
      }
      key = FIRST_KEY + keysByName.size();
      namesByKey.put(key, name);
      keysByName.put(name, key);
    }
    next.put(id, key.longValue());
  }
}
