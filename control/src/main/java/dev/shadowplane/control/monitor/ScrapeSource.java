package dev.shadowplane.control.monitor;

import dev.shadowplane.control.monitor.MonitoredNetwork.MeasuredService;
import dev.shadowplane.control.monitor.PrometheusText.MetricSample;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a service tells of itself in the format of Prometheus. */
final class ScrapeSource implements Source {
  /** The most series of one instance. */
  static final int MAX_SERIES = 500;

  private static final String BUCKET = "_bucket";

  private final MonitoredNetwork network;
  private final MeasuredService service;
  private final MetricsFetcher fetcher;
  private final int everySeconds;
  private final Map<String, Track> known = new HashMap<>();

  ScrapeSource(
      final MonitoredNetwork network,
      final MeasuredService service,
      final MetricsFetcher fetcher,
      final int everySeconds) {
    this.network = network;
    this.service = service;
    this.fetcher = fetcher;
    this.everySeconds = everySeconds;
  }

  @Override
  public String name() {
    return "metrics of " + network.name() + "/" + service.service() + "." + service.vm();
  }

  @Override
  public int everySeconds() {
    return everySeconds;
  }

  @Override
  public void read(final Readings into) throws Exception {
    final String text = fetcher.fetch(network, service);
    final long atNs = System.nanoTime();
    final Set<String> seen = new HashSet<>();
    boolean tooMany = false;
    for (final MetricSample sample : PrometheusText.read(text)) {
      final String key = sample.name() + sample.labels();
      if (sample.name().endsWith(BUCKET) || !seen.add(key)) {
        continue;
      }
      Track track = known.get(key);
      if (track == null) {
        if (known.size() == MAX_SERIES) {
          tooMany = true;
          continue;
        }
        track = track(sample);
        known.put(key, track);
      }
      into.put(track, sample.counter() ? track.rate(sample.value(), atNs) : sample.value());
    }
    known.keySet().retainAll(seen);
    if (tooMany) {
      throw new IllegalArgumentException(
          "it has more than " + MAX_SERIES + " series: the others are left out");
    }
  }

  /** The labels of ours are those that count. */
  private Track track(final MetricSample sample) {
    final Map<String, String> labels = new TreeMap<>(sample.labels());
    labels.put("network", network.name());
    labels.put("vm", service.vm());
    labels.put("service", service.service());
    return new Track("app." + sample.name(), labels);
  }
}
