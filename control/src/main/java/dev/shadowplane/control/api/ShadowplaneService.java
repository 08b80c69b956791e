package dev.shadowplane.control.api;

import static dev.shadowplane.control.api.UnaryAnswers.answer;
import static dev.shadowplane.control.api.UnaryAnswers.attempt;

import com.linecorp.armeria.server.ServiceRequestContext;
import dev.shadowplane.control.v1.AddRuleRequest;
import dev.shadowplane.control.v1.AddRuleResponse;
import dev.shadowplane.control.v1.Counter;
import dev.shadowplane.control.v1.ExportJournalRequest;
import dev.shadowplane.control.v1.ExportJournalResponse;
import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.GetLedgerRequest;
import dev.shadowplane.control.v1.GetLedgerResponse;
import dev.shadowplane.control.v1.GetStatusRequest;
import dev.shadowplane.control.v1.GetStatusResponse;
import dev.shadowplane.control.v1.ListCountersRequest;
import dev.shadowplane.control.v1.ListCountersResponse;
import dev.shadowplane.control.v1.ListFlowsRequest;
import dev.shadowplane.control.v1.ListFlowsResponse;
import dev.shadowplane.control.v1.ListPortsRequest;
import dev.shadowplane.control.v1.ListPortsResponse;
import dev.shadowplane.control.v1.ListRolesRequest;
import dev.shadowplane.control.v1.ListRolesResponse;
import dev.shadowplane.control.v1.ListRulesRequest;
import dev.shadowplane.control.v1.ListRulesResponse;
import dev.shadowplane.control.v1.RemoveRuleRequest;
import dev.shadowplane.control.v1.RemoveRuleResponse;
import dev.shadowplane.control.v1.ReplaceRulesRequest;
import dev.shadowplane.control.v1.ReplaceRulesResponse;
import dev.shadowplane.control.v1.SetRoleRequest;
import dev.shadowplane.control.v1.SetRoleResponse;
import dev.shadowplane.control.v1.ShadowplaneGrpc;
import dev.shadowplane.control.v1.WatchFlowsRequest;
import dev.shadowplane.control.v1.WatchFlowsResponse;
import dev.shadowplane.dataplane.telemetry.CountersView;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** The calls of the contract: each checks its fields, hands on, and translates the outcome. */
final class ShadowplaneService extends ShadowplaneGrpc.ShadowplaneImplBase {
  private static final int DEFAULT_FLOWS = 20;
  private static final int MAX_FLOWS = 1_000;

  private final DataPlaneLink dataPlane;
  private final FlowSource flows;
  private final SnapshotStreams watches = new SnapshotStreams("flow watches");
  private final JournalExports exports;

  ShadowplaneService(
      final DataPlaneLink dataPlane, final FlowSource flows, final JournalExports exports) {
    this.dataPlane = dataPlane;
    this.flows = flows;
    this.exports = exports;
  }

  @Override
  public void getStatus(
      final GetStatusRequest request, final StreamObserver<GetStatusResponse> client) {
    final GetStatusResponse.Builder status =
        GetStatusResponse.newBuilder()
            .setControlVersion(version())
            .setControlPid(ProcessHandle.current().pid());
    answer(
        client,
        dataPlane
            .status()
            .handle((running, thrown) -> {
              if (thrown == null) {
                return status.setAttached(true).setDataPlane(running).build();
              }
              final StatusRuntimeException failure = Failures.of(thrown);
              if (failure.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw failure;
              }
              return status.setDetail(String.valueOf(failure.getStatus().getDescription())).build();
            }));
  }

  @Override
  public void listPorts(
      final ListPortsRequest request, final StreamObserver<ListPortsResponse> client) {
    answer(client, dataPlane.ports());
  }

  @Override
  public void addRule(final AddRuleRequest request, final StreamObserver<AddRuleResponse> client) {
    attempt(
        client,
        () -> {
          if (!request.hasRule()) {
            throw Failures.invalid("rule is not set: give a rule with a name and a target");
          }
          return dataPlane
              .add(request.getRule())
              .thenApply(rules ->
                  AddRuleResponse.newBuilder()
                      .setVersion(rules.getVersion())
                      .addAllWarnings(rules.getWarningsList())
                      .build());
        });
  }

  @Override
  public void listRules(
      final ListRulesRequest request, final StreamObserver<ListRulesResponse> client) {
    answer(client, dataPlane.rules());
  }

  @Override
  public void removeRule(
      final RemoveRuleRequest request, final StreamObserver<RemoveRuleResponse> client) {
    answer(
        client,
        dataPlane
            .remove(request.getName())
            .thenApply(
                rules -> RemoveRuleResponse.newBuilder().setVersion(rules.getVersion()).build()));
  }

  @Override
  public void replaceRules(
      final ReplaceRulesRequest request, final StreamObserver<ReplaceRulesResponse> client) {
    final OptionalLong ifVersion =
        request.hasIfVersion() ? OptionalLong.of(request.getIfVersion()) : OptionalLong.empty();
    attempt(
        client,
        () ->
            dataPlane
                .replace(request.getRulesList(), ifVersion, request.getDryRun())
                .thenApply(rules ->
                    ReplaceRulesResponse.newBuilder()
                        .setVersion(rules.getVersion())
                        .addAllWarnings(rules.getWarningsList())
                        .build()));
  }

  @Override
  public void listRoles(
      final ListRolesRequest request, final StreamObserver<ListRolesResponse> client) {
    answer(client, dataPlane.roles());
  }

  @Override
  public void setRole(final SetRoleRequest request, final StreamObserver<SetRoleResponse> client) {
    attempt(
        client,
        () ->
            dataPlane
                .set(request.getRole())
                .thenApply(roles ->
                    SetRoleResponse.newBuilder().addAllRoles(roles.getRolesList()).build()));
  }

  @Override
  public void listCounters(
      final ListCountersRequest request, final StreamObserver<ListCountersResponse> client) {
    attempt(client, () -> CompletableFuture.completedFuture(counters()));
  }

  @Override
  public void getLedger(
      final GetLedgerRequest request, final StreamObserver<GetLedgerResponse> client) {
    attempt(
        client,
        () ->
            CompletableFuture.completedFuture(Ledgers.of(dataPlane.counters(), request.getRule())));
  }

  @Override
  public void listFlows(
      final ListFlowsRequest request, final StreamObserver<ListFlowsResponse> client) {
    attempt(
        client,
        () -> {
          return flows
              .top(limit(request.getLimit()), order(request.getOrder()))
              .thenApply(snapshot -> ListFlowsResponse.newBuilder().setSnapshot(snapshot).build());
        });
  }

  @Override
  public void watchFlows(
      final WatchFlowsRequest request, final StreamObserver<WatchFlowsResponse> client) {
    try {
      final int interval = SnapshotStreams.intervalMs(request.getIntervalMs());
      final int limit = limit(request.getLimit());
      final FlowOrder order = order(request.getOrder());
      final ServiceRequestContext context = ServiceRequestContext.current();
      watches.start(
          () ->
              flows
                  .top(limit, order)
                  .thenApply(
                      snapshot -> WatchFlowsResponse.newBuilder().setSnapshot(snapshot).build()),
          interval,
          (ServerCallStreamObserver<WatchFlowsResponse>) client,
          context.blockingTaskExecutor());
      context.clearRequestTimeout();
    } catch (RuntimeException e) {
      client.onError(Failures.of(e));
    }
  }

  @Override
  public void exportJournal(
      final ExportJournalRequest request, final StreamObserver<ExportJournalResponse> client) {
    try {
      final ServiceRequestContext context = ServiceRequestContext.current();
      exports.start(
          request,
          (ServerCallStreamObserver<ExportJournalResponse>) client,
          context.blockingTaskExecutor());
      context.clearRequestTimeout();
    } catch (RuntimeException e) {
      client.onError(Failures.of(e));
    }
  }

  private ListCountersResponse counters() {
    final CountersView view = dataPlane.counters();
    final ListCountersResponse.Builder counters =
        ListCountersResponse.newBuilder().setEpoch(view.epoch()).setPid(view.pid());
    view.forEachTotal((id, type, label, value) ->
        counters.addCounters(
            Counter.newBuilder().setId(id).setType(type).setLabel(label).setValue(value)));
    return counters.build();
  }

  static int limit(final int asked) {
    if (asked < 0 || asked > MAX_FLOWS) {
      throw Failures.invalid(
          "limit is " + asked + ": write 1 to " + MAX_FLOWS + ", or 0 for " + DEFAULT_FLOWS);
    }
    return asked == 0 ? DEFAULT_FLOWS : asked;
  }

  private static FlowOrder order(final FlowOrder asked) {
    return switch (asked) {
      case UNRECOGNIZED ->
          throw Failures.invalid("order is unknown: write FLOW_ORDER_BYTES or FLOW_ORDER_PACKETS");
      case FLOW_ORDER_UNSPECIFIED -> FlowOrder.FLOW_ORDER_BYTES;
      default -> asked;
    };
  }

  private static String version() {
    final String version = ShadowplaneService.class.getPackage().getImplementationVersion();
    return version == null ? "" : version;
  }
}
