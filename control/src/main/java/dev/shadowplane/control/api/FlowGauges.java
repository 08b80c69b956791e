package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.GetFlowGaugesResponse;
import dev.shadowplane.dataplane.analytics.AnalyticsCounter;
import dev.shadowplane.dataplane.analytics.AnalyticsCounters;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/**
 * What is published about the keeping of flows: by the analytics agent, which sets, and by whatever
 * else keeps numbers, which are asked. Any thread reads.
 */
final class FlowGauges implements AnalyticsCounters {
  private final Map<AnalyticsCounter, AtomicLong> counters = new EnumMap<>(AnalyticsCounter.class);
  private final List<Consumer<ObjLongConsumer<String>>> sources = new ArrayList<>();

  FlowGauges() {
    for (final AnalyticsCounter counter : AnalyticsCounter.values()) {
      counters.put(counter, new AtomicLong());
    }
  }

  /** Asks these numbers too, each time; before the gauges are read. */
  FlowGauges with(final Consumer<ObjLongConsumer<String>> source) {
    sources.add(source);
    return this;
  }

  @Override
  public void set(final AnalyticsCounter counter, final long value) {
    final AtomicLong gauge = counters.get(counter);
    if (gauge != null) {
      gauge.lazySet(value);
    }
  }

  /** All of them, by names of words joined by hyphens. */
  GetFlowGaugesResponse.Builder read() {
    final GetFlowGaugesResponse.Builder gauges = GetFlowGaugesResponse.newBuilder();
    counters.forEach(
        (counter, value) -> gauges.putGauges(counter.label().replace(' ', '-'), value.get()));
    sources.forEach(source -> source.accept(gauges::putGauges));
    return gauges;
  }
}
