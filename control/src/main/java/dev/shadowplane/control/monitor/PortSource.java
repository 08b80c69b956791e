package dev.shadowplane.control.monitor;

import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.agrona.collections.MutableInteger;

/** What the data plane counts of its ports. */
final class PortSource implements Source {
  private static final int MAX_COUNTERS = 1_000;
  private static final int LOOKS_PER_LISTING = 10;
  private static final String PREFIX = "port.";
  private static final String LINK_UP = "link-up";

  private final Supplier<CountersView> counters;
  private final Map<String, Counter> known = new LinkedHashMap<>();
  private long epoch;
  private int looks;

  /** Fails to supply while no data plane runs. */
  PortSource(final Supplier<CountersView> counters) {
    this.counters = counters;
  }

  private record Counter(Track track, boolean gauge, List<Integer> ids) {}

  @Override
  public String name() {
    return "ports of the data plane";
  }

  @Override
  public int everySeconds() {
    return 1;
  }

  @Override
  public void read(final Readings into) {
    final CountersView view = counters.get();
    if (view.epoch() != epoch) {
      epoch = view.epoch();
      known.clear();
      looks = 0;
    }
    // There may be many more counters of rules: they are gone through now and then only.
    if (looks++ % LOOKS_PER_LISTING == 0) {
      list(view);
    }
    final long atNs = System.nanoTime();
    for (final Counter counter : known.values()) {
      long total = 0;
      for (final int id : counter.ids) {
        total += view.value(id);
      }
      into.put(
          counter.track, counter.gauge ? (double) total : counter.track.rate((double) total, atNs));
    }
  }

  private void list(final CountersView view) {
    known.values().forEach(counter -> counter.ids.clear());
    final MutableInteger count = new MutableInteger();
    view.forEach((id, type, label, value) -> {
      if (type == CounterTypes.PORT && count.getAndIncrement() < MAX_COUNTERS) {
        final String shared = CounterTypes.withoutWorker(label);
        final int dot = shared.indexOf('.', PREFIX.length());
        if (shared.startsWith(PREFIX) && dot > 0) {
          known.computeIfAbsent(shared, _ -> counter(shared, dot)).ids.add(id);
        }
      }
    });
    known.values().removeIf(counter -> counter.ids.isEmpty());
  }

  private static Counter counter(final String label, final int dot) {
    final String what = label.substring(dot + 1).replaceAll("[^a-zA-Z0-9_:.-]", "_");
    return new Counter(
        new Track(PREFIX + what, Map.of("port", label.substring(PREFIX.length(), dot))),
        what.equals(LINK_UP),
        new ArrayList<>());
  }
}
