package dev.shadowplane.control.api;

import com.linecorp.armeria.server.ServiceRequestContext;
import dev.shadowplane.control.monitor.Sampler;
import dev.shadowplane.control.monitor.series.Sample;
import dev.shadowplane.control.monitor.series.Series;
import dev.shadowplane.control.monitor.series.SeriesException;
import dev.shadowplane.control.monitor.series.SeriesKey;
import dev.shadowplane.control.monitor.series.SeriesStore;
import dev.shadowplane.control.v1.ImportSeriesRequest;
import dev.shadowplane.control.v1.ImportSeriesResponse;
import dev.shadowplane.control.v1.ListSeriesRequest;
import dev.shadowplane.control.v1.ListSeriesResponse;
import dev.shadowplane.control.v1.ListSourcesRequest;
import dev.shadowplane.control.v1.ListSourcesResponse;
import dev.shadowplane.control.v1.MonitoringGrpc;
import dev.shadowplane.control.v1.QuerySeriesRequest;
import dev.shadowplane.control.v1.QuerySeriesResponse;
import dev.shadowplane.control.v1.WatchUsageRequest;
import dev.shadowplane.control.v1.WatchUsageResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The calls about usage and series; those that read files do so on a thread that may wait. */
final class MonitoringCalls extends MonitoringGrpc.MonitoringImplBase {
  private static final int DEFAULT_LIMIT = 1_000;
  private static final int DEFAULT_STEP_SECONDS = 60;

  private final SeriesStore store;
  private final Sampler sampler;
  private final LongSupplier clockSeconds;
  private final SnapshotStreams watches = new SnapshotStreams("watches of usage");

  MonitoringCalls(final SeriesStore store, final Sampler sampler, final LongSupplier clockSeconds) {
    this.store = store;
    this.sampler = sampler;
    this.clockSeconds = clockSeconds;
  }

  @Override
  public void listSeries(
      final ListSeriesRequest request, final StreamObserver<ListSeriesResponse> client) {
    answer(
        client,
        () -> {
          final int limit = request.getLimit() == 0 ? DEFAULT_LIMIT : request.getLimit();
          if (limit < 1 || limit > SeriesStore.MAX_SERIES) {
            throw Failures.invalid("limit is " + limit + ": write 1 to " + SeriesStore.MAX_SERIES);
          }
          final List<Series> selected =
              store.list(MonitoringMessages.selector(request.getSelector()));
          final SeriesStore.Gauges gauges = store.gauges();
          final ListSeriesResponse.Builder response =
              ListSeriesResponse.newBuilder()
                  .setSelected(selected.size())
                  .setTotal(gauges.series())
                  .setMax(gauges.maxSeries())
                  .setRefused(gauges.refusedSeries());
          selected.stream()
              .limit(limit)
              .forEach(series -> response.addSeries(MonitoringMessages.of(series)));
          return response.build();
        });
  }

  @Override
  public void querySeries(
      final QuerySeriesRequest request, final StreamObserver<QuerySeriesResponse> client) {
    answer(
        client,
        () -> {
          final SeriesKey key = MonitoringMessages.key(request.getSeries());
          if (!store.contains(key)) {
            throw Status.NOT_FOUND
                .withDescription("there is no series " + key + ": list the series")
                .asRuntimeException();
          }
          final QuerySeriesResponse.Builder response = QuerySeriesResponse.newBuilder();
          store
              .query(
                  key,
                  request.getFromSecond(),
                  request.getToSecond() == 0 ? clockSeconds.getAsLong() + 1 : request.getToSecond(),
                  request.getStepSeconds() == 0 ? DEFAULT_STEP_SECONDS : request.getStepSeconds())
              .forEach(point -> response.addPoints(MonitoringMessages.of(point)));
          return response.build();
        });
  }

  @Override
  public void watchUsage(
      final WatchUsageRequest request, final StreamObserver<WatchUsageResponse> client) {
    try {
      usage(request.getNetwork());
      final int interval = SnapshotStreams.intervalMs(request.getIntervalMs());
      final ServiceRequestContext context = ServiceRequestContext.current();
      watches.start(
          () -> CompletableFuture.supplyAsync(() -> usage(request.getNetwork()), Runnable::run),
          interval,
          (ServerCallStreamObserver<WatchUsageResponse>) client,
          context.blockingTaskExecutor());
      context.clearRequestTimeout();
    } catch (RuntimeException e) {
      client.onError(Failures.of(e));
    }
  }

  private WatchUsageResponse usage(final String network) {
    return sampler
        .usage(network)
        .map(MonitoringMessages::of)
        .orElseThrow(() ->
            Status.NOT_FOUND
                .withDescription(
                    "no network or shadow "
                        + network
                        + " is monitored: list them with 'shadowplane shadow list'")
                .asRuntimeException());
  }

  @Override
  public void importSeries(
      final ImportSeriesRequest request, final StreamObserver<ImportSeriesResponse> client) {
    answer(
        client,
        () -> {
          final Map<SeriesKey, List<Sample>> history = MonitoringMessages.history(request);
          store.importHistory(history);
          return ImportSeriesResponse.newBuilder()
              .setSeries(history.size())
              .setPoints(history.values().stream().mapToInt(List::size).sum())
              .build();
        });
  }

  @Override
  public void listSources(
      final ListSourcesRequest request, final StreamObserver<ListSourcesResponse> client) {
    final ListSourcesResponse.Builder response = ListSourcesResponse.newBuilder();
    sampler.sources().forEach(source -> response.addSources(MonitoringMessages.of(source)));
    client.onNext(response.build());
    client.onCompleted();
  }

  private static <T> void answer(final StreamObserver<T> client, final Supplier<T> call) {
    UnaryAnswers.attempt(
        client,
        () -> {
          final Executor executor = ServiceRequestContext.current().blockingTaskExecutor();
          return CompletableFuture.supplyAsync(
              () -> {
                try {
                  return call.get();
                } catch (SeriesException e) {
                  throw Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException();
                }
              },
              executor);
        });
  }
}
