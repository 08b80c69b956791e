package dev.shadowplane.control.monitor;

import dev.shadowplane.control.monitor.MonitoredNetwork.MeasuredService;
import dev.shadowplane.control.monitor.series.SeriesException;
import dev.shadowplane.control.monitor.series.SeriesStore;
import dev.shadowplane.control.monitor.series.SeriesStore.Measurement;
import dev.shadowplane.dataplane.telemetry.CountersView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures everything every second, on the second, and appends it to the store. A source that does
 * not answer in time has a gap, and is not asked again before it has answered; others do not wait
 * for it. Questions may be asked from any thread.
 */
public final class Sampler implements AutoCloseable {
  /** How long a source may take, in milliseconds. */
  static final long DEADLINE_MS = 700;

  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);
  private static final long SECOND_MS = 1_000;
  private static final long END_MS = 2_000;
  private static final int PACK_EVERY_SECONDS = 300;
  private static final int REFUSED_FOR_SECONDS = 60;

  private final SeriesStore store;
  private final Supplier<List<MonitoredNetwork>> networks;
  private final MetricsFetcher fetcher;
  private final int scrapeEverySeconds;
  private final ExecutorService readers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("monitor-", 0).factory());
  private final Map<Object, Runner> runners = new LinkedHashMap<>();
  private final Thread thread = Thread.ofPlatform().name("monitor").unstarted(this::run);
  private @Nullable Future<?> packing;
  private String storeProblem = "";
  private volatile List<Runner> shown = List.of();
  private volatile List<MonitoredNetwork> shownNetworks = List.of();
  private volatile long lastSecond;
  private volatile boolean closed;

  /**
   * A sampler, not yet started.
   *
   * @param store takes what is measured; stays the caller's.
   * @param networks what is monitored now; does not wait.
   * @param counters the data plane's; fails to supply while none runs.
   * @param fetcher reads what services tell.
   * @param scrapeEverySeconds how often they are asked, at least 1.
   */
  public Sampler(
      final SeriesStore store,
      final Supplier<List<MonitoredNetwork>> networks,
      final Supplier<CountersView> counters,
      final MetricsFetcher fetcher,
      final int scrapeEverySeconds) {
    this.store = store;
    this.networks = networks;
    this.fetcher = fetcher;
    this.scrapeEverySeconds = scrapeEverySeconds;
    runners.put("host", new Runner(new HostSource(Path.of("/proc"))));
    runners.put("ports", new Runner(new PortSource(counters)));
  }

  /** Begins to measure. */
  public void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      final long nowMs = System.currentTimeMillis();
      final long next = Math.floorDiv(nowMs, SECOND_MS) + 1;
      try {
        TimeUnit.MILLISECONDS.sleep(next * SECOND_MS - nowMs);
        measure(next);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("monitoring missed a second", e);
      }
    }
  }

  /** Measures what is due at a second. */
  void measure(final long second) throws InterruptedException {
    final List<MonitoredNetwork> monitored = networks.get();
    follow(monitored);
    final List<CompletableFuture<?>> asked = new ArrayList<>();
    for (final Runner runner : runners.values()) {
      if (runner.isDue(second)) {
        final CompletableFuture<?> reading = runner.begin(second);
        if (reading != null) {
          asked.add(reading);
        }
      }
    }
    try {
      CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
          .get(DEADLINE_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // Each runner tells of its own.
    }
    final List<Measurement> measurements = new ArrayList<>();
    for (final Runner runner : runners.values()) {
      runner.finish(second, measurements);
    }
    append(second, measurements);
    shown = List.copyOf(runners.values());
    shownNetworks = List.copyOf(monitored);
    lastSecond = second;
    if (second % PACK_EVERY_SECONDS == 0 && (packing == null || packing.isDone())) {
      packing = readers.submit(this::pack);
    }
  }

  private void append(final long second, final List<Measurement> measurements) {
    String problem = "";
    try {
      store.append(second, measurements);
    } catch (SeriesException e) {
      problem = String.valueOf(e.getMessage());
    }
    if (!problem.equals(storeProblem)) {
      storeProblem = problem;
      LOG.warn("{}", problem.isEmpty() ? "series are written again" : problem);
    }
  }

  private void pack() {
    try {
      store.pack();
    } catch (SeriesException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  private record UsageOf(MonitoredNetwork network) {}

  private record MetricsOf(MonitoredNetwork network, MeasuredService service) {}

  /** Takes up sources that are wanted since, and drops those that are no more. */
  private void follow(final List<MonitoredNetwork> monitored) {
    if (monitored.equals(shownNetworks)) {
      return;
    }
    final Map<Object, Runner> wanted = new LinkedHashMap<>();
    for (final Object fixed : List.of("host", "ports")) {
      final Runner runner = runners.get(fixed);
      if (runner != null) {
        wanted.put(fixed, runner);
      }
    }
    for (final MonitoredNetwork network : monitored) {
      final Object usage = new UsageOf(network);
      final Runner known = runners.get(usage);
      wanted.put(usage, known == null ? new Runner(new UsageSource(network)) : known);
      for (final MeasuredService service : network.services()) {
        final Object metrics = new MetricsOf(network, service);
        final Runner scraped = runners.get(metrics);
        wanted.put(
            metrics,
            scraped == null
                ? new Runner(new ScrapeSource(network, service, fetcher, scrapeEverySeconds))
                : scraped);
      }
    }
    runners.clear();
    runners.putAll(wanted);
  }

  /** How well each source is measured. */
  public List<SourceStatus> sources() {
    return shown.stream().map(Runner::status).toList();
  }

  /**
   * What a network and its counterpart use at present.
   *
   * @param name a production network or a shadow.
   * @return empty if it is not monitored.
   */
  public Optional<UsageComparison> usage(final String name) {
    final List<MonitoredNetwork> monitored = shownNetworks;
    for (final MonitoredNetwork network : monitored) {
      if (network.name().equals(name) || network.shadowOf().equals(name)) {
        final boolean isShadow = !network.shadowOf().isEmpty();
        final String primary = isShadow ? network.shadowOf() : network.name();
        final String shadow =
            monitored.stream()
                .filter(other -> other.shadowOf().equals(primary))
                .map(MonitoredNetwork::name)
                .findFirst()
                .orElse("");
        return Optional.of(compare(primary, shadow));
      }
    }
    return Optional.empty();
  }

  private UsageComparison compare(final String primary, final String shadow) {
    final Map<String, VmUsage> left = latest(primary);
    final Map<String, VmUsage> right = latest(shadow);
    final SortedMap<String, UsageComparison.Row> rows = new TreeMap<>();
    left.forEach((vm, usage) -> rows.put(vm, new UsageComparison.Row(vm, usage, right.get(vm))));
    right.forEach(
        (vm, usage) -> rows.putIfAbsent(vm, new UsageComparison.Row(vm, left.get(vm), usage)));
    return new UsageComparison(lastSecond, primary, shadow, List.copyOf(rows.values()));
  }

  private Map<String, VmUsage> latest(final String network) {
    final Map<String, VmUsage> usages = new TreeMap<>();
    for (final Runner runner : shown) {
      if (runner.source instanceof UsageSource usage
          && usage.name().equals(UsageSource.nameOf(network))
          && runner.status.problem().isEmpty()) {
        usage.latest().forEach(one -> usages.put(one.vm(), one));
      }
    }
    return usages;
  }

  /** Asks one source; everything but the reading itself by the sampler's thread. */
  private final class Runner {
    private final Source source;
    private final int offset;
    private volatile SourceStatus status;
    private @Nullable CompletableFuture<List<Reading>> reading;
    private long asked;

    private record Reading(Track track, double value) {}

    Runner(final Source source) {
      this.source = source;
      this.offset = Math.floorMod(source.name().hashCode(), source.everySeconds());
      this.status = new SourceStatus(source.name(), 0, 0, "");
    }

    SourceStatus status() {
      return status;
    }

    boolean isDue(final long second) {
      return second % source.everySeconds() == offset;
    }

    /** Starts to read; null if the reading before is still under way. */
    @Nullable CompletableFuture<?> begin(final long second) {
      if (reading != null) {
        missed("did not answer within " + DEADLINE_MS + " ms");
        return null;
      }
      asked = second;
      final CompletableFuture<List<Reading>> begun = new CompletableFuture<>();
      reading = begun;
      readers.execute(() -> {
        final List<Reading> readings = new ArrayList<>();
        try {
          source.read((track, value) -> readings.add(new Reading(track, value)));
          begun.complete(readings);
        } catch (Exception e) {
          begun.completeExceptionally(e);
        }
      });
      return begun;
    }

    void finish(final long second, final List<Measurement> into) {
      final CompletableFuture<List<Reading>> ended = reading;
      if (ended == null) {
        return;
      }
      if (!ended.isDone()) {
        if (asked == second) {
          missed("did not answer within " + DEADLINE_MS + " ms");
        }
        return;
      }
      reading = null;
      if (asked != second) {
        return; // Too late to say of which second it is.
      }
      if (ended.isCompletedExceptionally()) {
        final Throwable thrown = ended.exceptionNow();
        missed(thrown.getMessage() == null ? thrown.toString() : thrown.getMessage());
        return;
      }
      ended.join().forEach(one -> take(second, one, into));
      if (!status.problem().isEmpty()) {
        LOG.info("{}: measured again", source.name());
      }
      status = new SourceStatus(source.name(), second, status.missed(), "");
    }

    private void take(final long second, final Reading one, final List<Measurement> into) {
      final Track track = one.track();
      if (!Double.isFinite(one.value())) {
        return;
      }
      if (track.series == null || track.series.isForgotten()) {
        track.series = second < track.refusedUntil ? null : store.series(track.key());
        if (track.series == null) {
          track.refusedUntil = Math.max(track.refusedUntil, second + REFUSED_FOR_SECONDS);
          return;
        }
      }
      into.add(new Measurement(track.series, one.value()));
    }

    private void missed(final String problem) {
      if (!problem.equals(status.problem())) {
        LOG.info("{}: {}", source.name(), problem);
      }
      status = new SourceStatus(source.name(), status.lastSecond(), status.missed() + 1, problem);
    }
  }

  /** Ends measuring; readings under way are interrupted. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    readers.shutdownNow();
    try {
      thread.join();
      if (!readers.awaitTermination(END_MS, TimeUnit.MILLISECONDS)) {
        LOG.warn("a source still does not answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
