package dev.shadowplane.dataplane.replay;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersManager;

/**
 * What is counted of one replay. Each counter has one writing thread: the loader, the agent, or
 * whoever owns the replay. With what is still on its way: loaded = sent + dropped.
 */
public final class ReplayCounters {
  private final Map<String, AtomicCounter> all = new LinkedHashMap<>();
  private final Function<String, AtomicCounter> factory;

  /** Frames chosen and brought by the loader. */
  final AtomicCounter loaded;

  /** Frames that the selectors left out. The loader. */
  final AtomicCounter filtered;

  /** Frames whose time has come: sent, or dropped by the port. The agent. */
  final AtomicCounter scheduled;

  /** Frames that the driver took. The agent. */
  final AtomicCounter sent;

  /** Their bytes. The agent. */
  final AtomicCounter bytes;

  /** How often the whole source has been sent. The agent. */
  final AtomicCounter loops;

  /** Where in the source: nanoseconds since its first frame. The agent. */
  final AtomicCounter positionNs;

  /** The {@link ReplayState#code}. The owner. */
  final AtomicCounter state;

  private final Map<LateReason, AtomicCounter> late = new EnumMap<>(LateReason.class);
  private final Map<DropReason, AtomicCounter> dropped = new EnumMap<>(DropReason.class);

  /** The quantiles of the timing error in nanoseconds. The owner. */
  final List<AtomicCounter> quantiles = new ArrayList<>();

  /** What quantiles there are. */
  static final double[] QUANTILES = {50, 99, 99.9, 100};

  private static final int MOST_COUNTERS = 64;
  private static final String[] QUANTILE_NAMES = {"p50", "p99", "p99.9", "max"};

  /**
   * Makes them.
   *
   * @param factory makes a counter of a label, to which a caller may add what it likes
   */
  public ReplayCounters(Function<String, AtomicCounter> factory) {
    this.factory = factory;
    state = counter("state");
    loaded = counter("loaded");
    filtered = counter("filtered");
    scheduled = counter("scheduled");
    sent = counter("sent");
    bytes = counter("bytes");
    loops = counter("loops");
    positionNs = counter("position-ns");
    for (LateReason reason : LateReason.values()) {
      late.put(reason, counter("late." + reason.label()));
    }
    for (DropReason reason : DropReason.values()) {
      dropped.put(reason, counter("dropped." + reason.label()));
    }
    for (String name : QUANTILE_NAMES) {
      quantiles.add(counter("error-" + name + "-ns"));
    }
  }

  /**
   * Makes counters that only this process reads.
   *
   * @return them
   */
  public static ReplayCounters inMemory() {
    final CountersManager manager =
        new CountersManager(
            new UnsafeBuffer(
                ByteBuffer.allocateDirect(MOST_COUNTERS * CountersManager.METADATA_LENGTH)),
            new UnsafeBuffer(
                ByteBuffer.allocateDirect(MOST_COUNTERS * CountersManager.COUNTER_LENGTH)));
    return new ReplayCounters(
        what -> new AtomicCounter(manager.valuesBuffer(), manager.allocate(what)));
  }

  private AtomicCounter counter(String what) {
    final AtomicCounter counter = factory.apply(what);
    all.put(what, counter);
    return counter;
  }

  /**
   * The values at this moment.
   *
   * @return by label
   */
  public Map<String, Long> values() {
    final Map<String, Long> values = new LinkedHashMap<>();
    all.forEach((what, counter) -> values.put(what, counter.get()));
    return values;
  }

  AtomicCounter late(LateReason reason) {
    return Objects.requireNonNull(late.get(reason));
  }

  AtomicCounter dropped(DropReason reason) {
    return Objects.requireNonNull(dropped.get(reason));
  }
}
