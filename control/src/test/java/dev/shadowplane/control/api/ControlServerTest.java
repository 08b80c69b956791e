package dev.shadowplane.control.api;

import static dev.shadowplane.control.api.TestClient.assertStatus;
import static dev.shadowplane.control.api.TestClient.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.v1.AddRuleRequest;
import dev.shadowplane.control.v1.Counter;
import dev.shadowplane.control.v1.DataPlane;
import dev.shadowplane.control.v1.Flow;
import dev.shadowplane.control.v1.FlowOrder;
import dev.shadowplane.control.v1.FlowSnapshot;
import dev.shadowplane.control.v1.GetLedgerRequest;
import dev.shadowplane.control.v1.GetLedgerResponse;
import dev.shadowplane.control.v1.GetStatusRequest;
import dev.shadowplane.control.v1.GetStatusResponse;
import dev.shadowplane.control.v1.ListCountersRequest;
import dev.shadowplane.control.v1.ListCountersResponse;
import dev.shadowplane.control.v1.ListFlowsRequest;
import dev.shadowplane.control.v1.ListPortsRequest;
import dev.shadowplane.control.v1.ListRulesRequest;
import dev.shadowplane.control.v1.ListRulesResponse;
import dev.shadowplane.control.v1.Port;
import dev.shadowplane.control.v1.PortLedger;
import dev.shadowplane.control.v1.PortRole;
import dev.shadowplane.control.v1.RemoveRuleRequest;
import dev.shadowplane.control.v1.ReplaceRulesRequest;
import dev.shadowplane.control.v1.Role;
import dev.shadowplane.control.v1.Rule;
import dev.shadowplane.control.v1.RuleLedger;
import dev.shadowplane.control.v1.ShadowplaneGrpc;
import dev.shadowplane.control.v1.ShadowplaneGrpc.ShadowplaneBlockingStub;
import dev.shadowplane.control.v1.TargetLedger;
import dev.shadowplane.control.v1.WatchFlowsRequest;
import dev.shadowplane.control.v1.WatchFlowsResponse;
import dev.shadowplane.control.v1.Worker;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlServerTest {
  private static final Rule WEB =
      Rule.newBuilder().setName("web").setPercent(10).addTargets("journal").build();

  @TempDir private static Path folder;
  private static final AtomicInteger TOPS = new AtomicInteger();
  private static ControlConfig config;
  private static ControlServer server;
  private final List<AutoCloseable> open = new ArrayList<>();
  private ShadowplaneBlockingStub control;

  @BeforeAll
  static void start() throws Exception {
    config =
        new ControlConfig(
            folder.resolve("shm"),
            folder.resolve("state"),
            new Endpoint("127.0.0.1", 0),
            null,
            List.of(),
            null,
            FlowsConfig.DEFAULT,
            List.of(),
            ShadowsConfig.DEFAULT,
            MonitoringConfig.DEFAULT);
    server =
        ControlServer.start(
            config,
            new DataPlaneLink(config.directory(), FakeDataPlane.noRecords()),
            ControlServerTest::flows,
            List.of());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void connect() throws Exception {
    control = ShadowplaneGrpc.newBlockingStub(channel());
  }

  @AfterEach
  void close() throws Exception {
    for (final AutoCloseable resource : open.reversed()) {
      resource.close();
    }
  }

  @Test
  void saysWhatItKnowsWhileNoDataPlaneIsThere() {
    until(() -> !status().getAttached());
    final GetStatusResponse status = status();
    assertThat(status.getAttached()).isFalse();
    assertThat(status.hasDataPlane()).isFalse();
    assertThat(status.getControlPid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(status.getDetail()).contains(config.directory().toString(), "start ");
    for (final ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> control.listPorts(ListPortsRequest.getDefaultInstance()),
            () -> control.listRules(ListRulesRequest.getDefaultInstance()),
            () -> add(WEB),
            () -> control.listCounters(ListCountersRequest.getDefaultInstance()))) {
      assertStatus(call, Status.Code.UNAVAILABLE, config.directory().toString());
    }
  }

  @Test
  void answersEveryCallFromTheDataPlane() throws Exception {
    final FakeDataPlane dataPlane = attach();
    assertThat(control.listPorts(ListPortsRequest.getDefaultInstance()).getPortsList())
        .containsExactly(
            Port.newBuilder()
                .setName("client")
                .setDevice("net_af_packet0")
                .setDriver("net_af_packet")
                .setMac("02:00:00:00:00:01")
                .setMtu(1500)
                .setLinkUp(true)
                .setSpeedMbps(10_000)
                .setRxDescriptors(1024)
                .setTxDescriptors(512)
                .build());
    assertThat(add(WEB)).isEqualTo(1);
    assertThat(rules())
        .isEqualTo(ListRulesResponse.newBuilder().setVersion(1).addRules(written(WEB)).build());
    final DataPlane status = status().getDataPlane();
    assertThat(status)
        .isEqualTo(
            DataPlane.newBuilder()
                .setVersion("9.9")
                .setState("running")
                .setEpoch(dataPlane.epoch())
                .setPid(ProcessHandle.current().pid())
                .setRulesVersion(1)
                .setRuleCount(1)
                .addWorkers(Worker.newBuilder().setCore(1).addLinks("client>server"))
                .addRoles(PortRole.newBuilder().setPort("shadow").setRole(Role.ROLE_STANDBY))
                .build());
    assertThat(
            control.removeRule(RemoveRuleRequest.newBuilder().setName("web").build()).getVersion())
        .isEqualTo(2);
    assertThat(rules()).isEqualTo(ListRulesResponse.newBuilder().setVersion(2).build());
  }

  @Test
  void readsTheMappedCounters() throws Exception {
    final FakeDataPlane dataPlane = attach();
    final ListCountersResponse counters =
        control.listCounters(ListCountersRequest.getDefaultInstance());
    assertThat(counters.getEpoch()).isEqualTo(dataPlane.epoch());
    assertThat(counters.getPid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(counters.getCountersList())
        .contains(
            Counter.newBuilder()
                .setId(0)
                .setType(FakeDataPlane.FORWARDED_TYPE)
                .setLabel(FakeDataPlane.FORWARDED)
                .setValue(1_234_567_890_123L)
                .build());
  }

  @Test
  void accountsForEveryPacketOfARule() throws Exception {
    final FakeDataPlane dataPlane = attach();
    dataPlane.count(CounterTypes.RULE, "rule.web.matched@0", 7);
    dataPlane.count(CounterTypes.RULE, "rule.web.matched@1", 5);
    dataPlane.count(CounterTypes.RULE, "rule.web.filtered@1", 2);
    dataPlane.count(CounterTypes.RULE_MIRRORED, "rule.web.mirrored.port:shadow@0", 7);
    dataPlane.count(CounterTypes.RULE_SHED, "rule.web.shed.port:shadow.ring-full@1", 3);
    dataPlane.count(CounterTypes.PORT, "port.client.driver-rx-missed", 9);
    final GetLedgerResponse ledger =
        control.getLedger(GetLedgerRequest.newBuilder().setRule("web").build());
    assertThat(ledger.getEpoch()).isEqualTo(dataPlane.epoch());
    assertThat(ledger.getRulesList())
        .containsExactly(
            RuleLedger.newBuilder()
                .setRule("web")
                .setMatched(12)
                .setFiltered(2)
                .setExact(true)
                .addTargets(
                    TargetLedger.newBuilder()
                        .setTarget("port:shadow")
                        .setMirrored(7)
                        .putShed("ring-full", 3))
                .build());
    final PortLedger client =
        ledger.getPortsList().stream()
            .filter(port -> port.getPort().equals("client"))
            .findFirst()
            .orElseThrow();
    assertThat(client.getCountersMap()).containsEntry("driver-rx-missed", 9L);
    assertStatus(
        () -> control.getLedger(GetLedgerRequest.newBuilder().setRule("none").build()),
        Status.Code.NOT_FOUND,
        "no rule is called none");
  }

  @Test
  void replacesAllRulesOnlyAtTheExpectedVersion() throws Exception {
    attach();
    add(WEB);
    final Rule other =
        Rule.newBuilder().setName("other").setPercent(1).addTargets("journal").build();
    final ReplaceRulesRequest.Builder request =
        ReplaceRulesRequest.newBuilder().addRules(other).addRules(WEB);
    assertStatus(
        () -> control.replaceRules(request.setIfVersion(7).build()),
        Status.Code.ABORTED,
        "the rules have version 1, not 7");
    assertThat(rules().getRulesList()).containsExactly(written(WEB));
    assertThat(control.replaceRules(request.setIfVersion(1).build()).getVersion()).isEqualTo(2);
    assertThat(rules().getRulesList()).containsExactly(written(other), written(WEB));
    assertThat(control.replaceRules(request.clearIfVersion().build()).getVersion()).isEqualTo(3);
  }

  @Test
  void passesOnWhatTheDataPlaneSays() throws Exception {
    attach();
    assertStatus(
        () -> add(WEB.toBuilder().setPercent(101).build()),
        Status.Code.INVALID_ARGUMENT,
        "rule 'web': percent is 101: write 0 to 100");
    assertStatus(
        () -> control.removeRule(RemoveRuleRequest.newBuilder().setName("no").build()),
        Status.Code.NOT_FOUND,
        "there is no rule 'no': list the rules");
    assertStatus(
        () -> add(WEB.toBuilder().setName("broken").build()),
        Status.Code.INTERNAL,
        "the classifier could not be built: out of memory");
    add(WEB);
    assertStatus(() -> add(WEB), Status.Code.ABORTED, "rule 'web' exists: remove it first");
    assertThat(rules().getRulesList()).containsExactly(written(WEB));
  }

  @Test
  void refusesRequestsThatSayNothing() throws Exception {
    attach();
    assertStatus(
        () -> control.addRule(AddRuleRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "rule is not set");
    assertStatus(
        () -> add(WEB.toBuilder().setPercent(Double.POSITIVE_INFINITY).build()),
        Status.Code.INVALID_ARGUMENT,
        "percent is Infinity");
    assertThat(rules().getVersion()).isZero();
  }

  @Test
  void refusesAMessageOverItsLimit() throws Exception {
    attach();
    assertStatus(
        () -> add(WEB.toBuilder().addTargets("x".repeat(ControlServer.MAX_REQUEST_BYTES)).build()),
        Status.Code.RESOURCE_EXHAUSTED,
        "");
    assertStatus(
        () -> add(WEB.toBuilder().addTargets("x".repeat(900_000)).build()),
        Status.Code.INVALID_ARGUMENT,
        "bytes");
    assertThat(rules().getVersion()).isZero();
  }

  @Test
  void saysThatTheOutcomeIsUnknownWhenTheDataPlaneStaysSilent() throws Exception {
    attach();
    assertStatus(
        () -> add(WEB.toBuilder().setName("silent").build()),
        Status.Code.UNAVAILABLE,
        "the outcome is unknown");
  }

  @Test
  void reconcilesWithADataPlaneThatWasRestarted() throws Exception {
    final FakeDataPlane dataPlane = attach();
    open.remove(dataPlane);
    final long firstEpoch = dataPlane.epoch();
    add(WEB);
    dataPlane.close();
    until(() -> !status().getAttached());
    open.add(
        new FakeDataPlane(
            config.directory(),
            folder.resolve("data"),
            Map.of("kept", RuleObject.write(WEB.toBuilder().setName("kept").build()))));
    until(() -> {
      final DataPlane status = status().getDataPlane();
      return status.getEpoch() == firstEpoch + 1
          && status.getRulesVersion() == 1
          && status.getRuleCount() == 1;
    });
    assertThat(rules().getRules(0).getName()).isEqualTo("kept");
  }

  @Test
  void listsFlows() {
    assertThat(
            control
                .listFlows(
                    ListFlowsRequest.newBuilder()
                        .setLimit(7)
                        .setOrder(FlowOrder.FLOW_ORDER_PACKETS)
                        .build())
                .getSnapshot()
                .getFlowsList())
        .containsExactly(flow(7, FlowOrder.FLOW_ORDER_PACKETS));
    assertThat(
            control.listFlows(ListFlowsRequest.getDefaultInstance()).getSnapshot().getFlowsList())
        .containsExactly(flow(20, FlowOrder.FLOW_ORDER_BYTES));
    assertStatus(
        () -> control.listFlows(ListFlowsRequest.newBuilder().setLimit(1001).build()),
        Status.Code.INVALID_ARGUMENT,
        "limit is 1001: write 1 to 1000, or 0 for 20");
    assertStatus(
        () -> control.listFlows(ListFlowsRequest.newBuilder().setOrderValue(77).build()),
        Status.Code.INVALID_ARGUMENT,
        "order is unknown");
  }

  @Test
  void watchesFlowsUntilTheClientGoes() throws Exception {
    final ManagedChannel channel = channel();
    final Iterator<WatchFlowsResponse> watch =
        ShadowplaneGrpc.newBlockingStub(channel)
            .watchFlows(WatchFlowsRequest.newBuilder().setLimit(3).setIntervalMs(100).build());
    final long first = watch.next().getSnapshot().getTimeNs();
    final FlowSnapshot second = watch.next().getSnapshot();
    assertThat(second.getTimeNs()).isGreaterThan(first);
    assertThat(second.getFlowsList()).containsExactly(flow(3, FlowOrder.FLOW_ORDER_BYTES));
    channel.shutdownNow();
    // The stream of a client that went takes no more snapshots: those of a second one come alone.
    final Iterator<WatchFlowsResponse> alone =
        control.watchFlows(WatchFlowsRequest.newBuilder().setIntervalMs(100).build());
    until(() -> {
      final int before = TOPS.get();
      alone.next();
      alone.next();
      alone.next();
      return TOPS.get() - before <= 4;
    });
    assertStatus(
        () -> control.watchFlows(WatchFlowsRequest.newBuilder().setIntervalMs(99).build()).next(),
        Status.Code.INVALID_ARGUMENT,
        "interval_ms is 99: write 100 to 60000, or 0 for 1000");
  }

  @Test
  void skipsSnapshotsThatASlowClientDoesNotTake() throws Exception {
    final List<WatchFlowsResponse> none = new ArrayList<>();
    final ManagedChannel channel = channel();
    final io.grpc.ClientCall<WatchFlowsRequest, WatchFlowsResponse> call =
        channel.newCall(ShadowplaneGrpc.getWatchFlowsMethod(), io.grpc.CallOptions.DEFAULT);
    call.start(
        new io.grpc.ClientCall.Listener<>() {
          @Override
          public void onMessage(final WatchFlowsResponse message) {
            none.add(message);
          }
        },
        new io.grpc.Metadata());
    call.sendMessage(WatchFlowsRequest.newBuilder().setLimit(1000).setIntervalMs(100).build());
    call.halfClose();
    // Nothing is requested: once the windows are full, the source is no longer asked.
    until(() -> {
      final int before = TOPS.get();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
      return before > 0 && TOPS.get() == before;
    });
    assertThat(none).isEmpty();
  }

  private FakeDataPlane attach() {
    final FakeDataPlane dataPlane = new FakeDataPlane(config.directory(), folder.resolve("data"));
    open.add(dataPlane);
    until(() -> status().getDataPlane().getEpoch() == dataPlane.epoch());
    return dataPlane;
  }

  /** A large snapshot that says what was asked for. */
  private static CompletableFuture<FlowSnapshot> flows(final int limit, final FlowOrder order) {
    TOPS.incrementAndGet();
    final FlowSnapshot.Builder snapshot =
        FlowSnapshot.newBuilder().setTimeNs(System.nanoTime()).setActiveFlows(5);
    final int copies = limit == 1000 ? 1000 : 1;
    for (int i = 0; i < copies; i++) {
      snapshot.addFlows(flow(limit, order));
    }
    return CompletableFuture.completedFuture(snapshot.build());
  }

  private static Flow flow(final int limit, final FlowOrder order) {
    return Flow.newBuilder().setSrcIp(order.name()).setSrcPort(limit).build();
  }

  private GetStatusResponse status() {
    return control.getStatus(GetStatusRequest.getDefaultInstance());
  }

  private long add(final Rule rule) {
    return control.addRule(AddRuleRequest.newBuilder().setRule(rule).build()).getVersion();
  }

  private ListRulesResponse rules() {
    return control.listRules(ListRulesRequest.getDefaultInstance());
  }

  /** The rule as it comes back, with an empty match. */
  private static Rule written(final Rule rule) {
    return RuleObject.read(RuleObject.write(rule));
  }

  private ManagedChannel channel() throws IOException {
    final ManagedChannel channel =
        TestClient.channel(server, TestClient.operator(PkiFiles.of(config.state())));
    open.add(channel::shutdownNow);
    return channel;
  }
}
