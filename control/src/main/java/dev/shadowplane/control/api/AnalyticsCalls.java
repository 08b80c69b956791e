package dev.shadowplane.control.api;

import com.linecorp.armeria.server.ServiceRequestContext;
import dev.shadowplane.control.v1.AnalyticsGrpc;
import dev.shadowplane.control.v1.GetFlowGaugesRequest;
import dev.shadowplane.control.v1.GetFlowGaugesResponse;
import dev.shadowplane.control.v1.ListAggregatesRequest;
import dev.shadowplane.control.v1.ListAggregatesResponse;
import dev.shadowplane.control.v1.StreamFlowsRequest;
import dev.shadowplane.control.v1.StreamFlowsResponse;
import dev.shadowplane.control.v1.WatchAggregatesRequest;
import dev.shadowplane.control.v1.WatchAggregatesResponse;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateQuestion;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The calls about ended flows, sums and gauges. */
final class AnalyticsCalls extends AnalyticsGrpc.AnalyticsImplBase {
  private final DataPlaneLink dataPlane;
  private final EndedFlowStreams ended;
  private final LiveAggregates aggregates;
  private final FlowGauges gauges;
  private final SnapshotStreams watches = new SnapshotStreams("watches of sums");

  AnalyticsCalls(
      final DataPlaneLink dataPlane,
      final EndedFlowStreams ended,
      final LiveAggregates aggregates,
      final FlowGauges gauges) {
    this.dataPlane = dataPlane;
    this.ended = ended;
    this.aggregates = aggregates;
    this.gauges = gauges;
  }

  @Override
  public void streamFlows(
      final StreamFlowsRequest request, final StreamObserver<StreamFlowsResponse> client) {
    try {
      final ServiceRequestContext context = ServiceRequestContext.current();
      ended.start(
          request.getUpdates(),
          (ServerCallStreamObserver<StreamFlowsResponse>) client,
          context.blockingTaskExecutor());
      context.clearRequestTimeout();
    } catch (RuntimeException e) {
      client.onError(Failures.of(e));
    }
  }

  @Override
  public void listAggregates(
      final ListAggregatesRequest request, final StreamObserver<ListAggregatesResponse> client) {
    UnaryAnswers.attempt(
        client,
        () ->
            aggregates
                .report(AggregateMessages.question(request.getQuery()))
                .thenApply(sums -> ListAggregatesResponse.newBuilder().setReport(sums).build()));
  }

  @Override
  public void watchAggregates(
      final WatchAggregatesRequest request, final StreamObserver<WatchAggregatesResponse> client) {
    try {
      final AggregateQuestion question = AggregateMessages.question(request.getQuery());
      final ServiceRequestContext context = ServiceRequestContext.current();
      watches.start(
          () ->
              aggregates
                  .report(question)
                  .thenApply(sums -> WatchAggregatesResponse.newBuilder().setReport(sums).build()),
          SnapshotStreams.intervalMs(request.getIntervalMs()),
          (ServerCallStreamObserver<WatchAggregatesResponse>) client,
          context.blockingTaskExecutor());
      context.clearRequestTimeout();
    } catch (RuntimeException e) {
      client.onError(Failures.of(e));
    }
  }

  @Override
  public void getFlowGauges(
      final GetFlowGaugesRequest request, final StreamObserver<GetFlowGaugesResponse> client) {
    final GetFlowGaugesResponse.Builder response = gauges.read();
    try {
      dataPlane
          .counters()
          .forEachTotal((id, type, label, value) -> {
            if (type == CounterTypes.RECORDS) {
              response.putRecords(label, value);
            }
          });
    } catch (StatusRuntimeException e) {
      // No data plane is attached: there is nothing to add.
      response.clearRecords();
    }
    client.onNext(response.build());
    client.onCompleted();
  }
}
