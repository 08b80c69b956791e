package dev.shadowplane.control.api;

import dev.shadowplane.control.monitor.series.SeriesStore;
import dev.shadowplane.dataplane.config.YamlReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How networks are monitored: the key {@code monitoring}.
 *
 * @param directory the folder of the series, {@code directory}; null for {@code series} in
 *     control's state.
 * @param maxSeries the most series, {@code max-series}.
 * @param scrapeEvery how often services are asked for their metrics, {@code scrape-every}.
 */
public record MonitoringConfig(@Nullable Path directory, int maxSeries, Duration scrapeEvery) {
  /** What holds when the configuration does not say. */
  public static final MonitoringConfig DEFAULT =
      new MonitoringConfig(null, 10_000, Duration.ofSeconds(10));

  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofHours(1);

  static MonitoringConfig read(final YamlReader root) {
    final Optional<YamlReader> monitoring = root.mapping("monitoring");
    if (monitoring.isEmpty()) {
      return DEFAULT;
    }
    final YamlReader yaml = monitoring.get();
    final MonitoringConfig config =
        new MonitoringConfig(
            yaml.optional("directory", ControlConfig::absolute).orElse(null),
            yaml.integer("max-series", DEFAULT.maxSeries, 1, SeriesStore.MAX_SERIES),
            yaml.optional("scrape-every", MonitoringConfig::seconds).orElse(DEFAULT.scrapeEvery));
    yaml.done();
    return config;
  }

  private static Duration seconds(final String text) {
    final Duration duration = Duration.ofNanos(TimeSpan.ofText(text));
    if (duration.compareTo(LEAST) < 0
        || duration.compareTo(MOST) > 0
        || duration.toMillis() % LEAST.toMillis() != 0) {
      throw new IllegalArgumentException("give whole seconds, 1s to 1h");
    }
    return duration;
  }
}
