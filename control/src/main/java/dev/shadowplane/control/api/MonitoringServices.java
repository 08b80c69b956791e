package dev.shadowplane.control.api;

import dev.shadowplane.control.monitor.HttpMetrics;
import dev.shadowplane.control.monitor.MonitoredNetwork;
import dev.shadowplane.control.monitor.Sampler;
import dev.shadowplane.control.monitor.series.SeriesException;
import dev.shadowplane.control.monitor.series.SeriesStore;
import dev.shadowplane.dataplane.config.ConfigException;
import io.grpc.BindableService;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Monitoring with its series, and the calls about it. */
final class MonitoringServices implements AutoCloseable {
  private static final long SECOND_MS = 1_000;

  private final SeriesStore store;
  private final HttpMetrics fetcher;
  private final Sampler sampler;
  private final MonitoringCalls calls;

  private MonitoringServices(
      final SeriesStore store,
      final HttpMetrics fetcher,
      final Sampler sampler,
      final MonitoringCalls calls) {
    this.store = store;
    this.fetcher = fetcher;
    this.sampler = sampler;
    this.calls = calls;
  }

  /** Opens the series, whose folder is this process's alone. */
  static MonitoringServices open(
      final ControlConfig config,
      final DataPlaneLink dataPlane,
      final Supplier<List<MonitoredNetwork>> networks) {
    final MonitoringConfig monitoring = config.monitoring();
    final Path directory =
        monitoring.directory() == null ? config.state().resolve("series") : monitoring.directory();
    final LongSupplier clock = () -> Math.floorDiv(System.currentTimeMillis(), SECOND_MS);
    final SeriesStore store;
    try {
      store = SeriesStore.open(directory, monitoring.maxSeries(), clock);
    } catch (SeriesException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
    final HttpMetrics fetcher = new HttpMetrics();
    final Sampler sampler =
        new Sampler(
            store,
            networks,
            dataPlane::counters,
            fetcher,
            Math.toIntExact(monitoring.scrapeEvery().toSeconds()));
    return new MonitoringServices(
        store, fetcher, sampler, new MonitoringCalls(store, sampler, clock));
  }

  List<BindableService> services() {
    return List.of(calls);
  }

  /** Begins to measure. */
  void start() {
    sampler.start();
  }

  @Override
  public void close() {
    sampler.close();
    fetcher.close();
    store.close();
  }
}
