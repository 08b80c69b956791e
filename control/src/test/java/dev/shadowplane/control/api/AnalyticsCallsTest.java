package dev.shadowplane.control.api;

import static dev.shadowplane.control.api.TestClient.assertStatus;
import static dev.shadowplane.control.api.TestClient.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.v1.Aggregate;
import dev.shadowplane.control.v1.AggregateKind;
import dev.shadowplane.control.v1.AggregateOrder;
import dev.shadowplane.control.v1.AggregateQuery;
import dev.shadowplane.control.v1.AggregateReport;
import dev.shadowplane.control.v1.AnalyticsGrpc;
import dev.shadowplane.control.v1.AnalyticsGrpc.AnalyticsBlockingStub;
import dev.shadowplane.control.v1.EndReason;
import dev.shadowplane.control.v1.Flow;
import dev.shadowplane.control.v1.GetFlowGaugesRequest;
import dev.shadowplane.control.v1.ListAggregatesRequest;
import dev.shadowplane.control.v1.StreamFlowsRequest;
import dev.shadowplane.control.v1.StreamFlowsResponse;
import dev.shadowplane.control.v1.WatchAggregatesRequest;
import dev.shadowplane.control.v1.WatchAggregatesResponse;
import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.analytics.aggregate.Aggregates;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.OffsetEpochNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Flows and sums through the real server, from records in a ring. */
@Timeout(60)
class AnalyticsCallsTest {
  private static final FlowTableConfig QUICK =
      new FlowTableConfig(
          100_000, TimeUnit.MILLISECONDS.toNanos(300), TimeUnit.SECONDS.toNanos(60));

  @TempDir private static Path folder;
  private final RecordSender sender = new RecordSender();
  private ControlConfig config;
  private ControlServer server;
  private ManagedChannel channel;
  private AnalyticsBlockingStub control;

  @BeforeEach
  void start() throws Exception {
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
    final EpochNanoClock clock = new OffsetEpochNanoClock();
    final Aggregates aggregates = new Aggregates(List.of());
    final FlowGauges gauges = new FlowGauges().with(to -> to.accept("messages-sent", 7));
    final AnalyticsAgent agent =
        new AnalyticsAgent(QUICK, (flow, reason) -> {}, aggregates, gauges, clock);
    agent.recordRings().attached(1, List.of(sender.ring()));
    final DataPlaneLink link = new DataPlaneLink(config.directory(), FakeDataPlane.noRecords());
    server =
        ControlServer.start(
            config,
            link,
            new LiveFlows(agent.queries(), clock, RuleNames.NONE),
            List.of(agent),
            new AnalyticsCalls(
                link,
                new EndedFlowStreams(agent.queries(), RuleNames.NONE),
                new LiveAggregates(aggregates, RuleNames.NONE),
                gauges));
    channel = TestClient.channel(server, TestClient.operator(PkiFiles.of(config.state())));
    control = AnalyticsGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void streamsFlowsAsTheyEndAndGoOn() throws Exception {
    try (Context.CancellableContext call = Context.current().withCancellation()) {
      final Iterator<StreamFlowsResponse> messages =
          call.call(
              () -> control.streamFlows(StreamFlowsRequest.newBuilder().setUpdates(true).build()));
      // On a busy machine one message carries several flows.
      final Iterator<Flow> stream =
          Stream.generate(messages::next)
              .flatMap(message -> message.getFlowsList().stream())
              .iterator();
      // What is sent before the server has subscribed is in no stream.
      final Thread worker =
          Thread.ofPlatform()
              .start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                  sender.send(3);
                  LockSupport.parkNanos(10_000_000);
                }
              });
      Flow flow = stream.next();
      while (flow.getEndReason() != EndReason.END_REASON_ONGOING) {
        flow = stream.next();
      }
      worker.interrupt();
      worker.join();
      while (flow.getEndReason() == EndReason.END_REASON_ONGOING) {
        flow = stream.next();
      }
      assertThat(flow.getEndReason()).isEqualTo(EndReason.END_REASON_IDLE);
      assertThat(flow.getSrcIp() + ":" + flow.getSrcPort()).isEqualTo("10.0.0.1:1234");
      assertThat(flow.getDstIp() + ":" + flow.getDstPort()).isEqualTo("10.0.0.2:53");
      assertThat(flow.getSrcToDst().getPackets() % 3).isZero();
      assertThat(flow.getSrcToDst().getBytes())
          .isEqualTo(flow.getSrcToDst().getPackets() * RecordSender.FRAME_BYTES);
      call.cancel(null);
    }
  }

  @Test
  void tellsASlowClientHowManyFlowsItMissed() {
    final int flows = 60_000;
    final Queue<Integer> ports = new ConcurrentLinkedQueue<>();
    final AtomicLong count = new AtomicLong();
    final AtomicLong missed = new AtomicLong();
    final ClientCall<StreamFlowsRequest, StreamFlowsResponse> call =
        channel.newCall(AnalyticsGrpc.getStreamFlowsMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(final StreamFlowsResponse message) {
            message.getFlowsList().forEach(flow -> ports.add(flow.getSrcPort()));
            count.addAndGet(message.getFlowsCount());
            missed.set(message.getMissed());
          }
        },
        new Metadata());
    call.sendMessage(StreamFlowsRequest.getDefaultInstance());
    call.halfClose();
    call.request(1);
    // The first that comes through, one at a time, shows that the server has subscribed.
    until(() -> {
      if (gauge("flows") == 0) {
        sender.send(flows + 1, 1);
      }
      return count.get() > 0;
    });
    until(() -> gauge("flows") == 0);
    final long before = gauge("flows-ended");
    for (int flow = 0; flow < flows; flow++) {
      sender.send(1 + flow, 1);
    }
    until(() -> gauge("flows-ended") - before == flows);
    call.request(100_000);
    until(() ->
        missed.get() > 0
            && ports.stream().filter(port -> port <= flows).distinct().count() + missed.get()
                == flows);
    assertThat(missed.get()).isEqualTo(gauge("flows-missed-by-subscribers"));
    call.cancel("done", null);
  }

  @Test
  void sumsUpByEveryKind() {
    sender.send(1, 3);
    sender.send(2, 4);
    until(() -> list(AggregateKind.AGGREGATE_KIND_HOST).getTotal().getPackets() == 7);
    assertThat(list(AggregateKind.AGGREGATE_KIND_HOST).getAggregatesList())
        .containsExactly(
            sum("10.0.0.1", true, list(AggregateKind.AGGREGATE_KIND_HOST)),
            sum("10.0.0.2", false, list(AggregateKind.AGGREGATE_KIND_HOST)));
    assertThat(names(AggregateKind.AGGREGATE_KIND_PAIR)).containsExactly("10.0.0.1 10.0.0.2");
    assertThat(names(AggregateKind.AGGREGATE_KIND_VM_PAIR)).containsExactly("unknown unknown");
    assertThat(names(AggregateKind.AGGREGATE_KIND_SUBNET)).containsExactly("10.0.0.0/24 ");
    assertThat(names(AggregateKind.AGGREGATE_KIND_NETWORK))
        .containsExactly("untagged, tunnel unknown ");
    assertThat(names(AggregateKind.AGGREGATE_KIND_RULE)).containsExactly("unknown ");
    assertThat(names(AggregateKind.AGGREGATE_KIND_PORT)).containsExactly("udp/53 ");
    final AggregateReport networks = list(AggregateKind.AGGREGATE_KIND_NETWORK);
    assertThat(networks.getTotal().getDistinct().getSources().getCount()).isEqualTo(1);
    assertThat(networks.getAggregates(0).getDistinct().getPairs().getCount()).isEqualTo(1);
    assertThat(networks.getFromNs()).isLessThan(networks.getToNs());
  }

  @Test
  void watchesSumsUntilTheClientGoes() {
    final Iterator<WatchAggregatesResponse> watch =
        control.watchAggregates(
            WatchAggregatesRequest.newBuilder()
                .setQuery(
                    AggregateQuery.newBuilder()
                        .setKind(AggregateKind.AGGREGATE_KIND_PORT)
                        .setOrder(AggregateOrder.AGGREGATE_ORDER_FLOWS)
                        .setEverything(true))
                .setIntervalMs(100)
                .build());
    assertThat(watch.next().getReport().getAggregatesCount()).isZero();
    sender.send(1, 5);
    until(() -> {
      final AggregateReport report = watch.next().getReport();
      return report.getAggregatesCount() == 1 && report.getAggregates(0).getPackets() == 5;
    });
  }

  @Test
  void publishesGaugesOfAnalyticsAndOfTheDataPlane() {
    sender.send(1, 9);
    until(() -> gauge("records-taken") == 9);
    assertThat(gauge("flow-capacity")).isEqualTo(QUICK.capacity());
    assertThat(gauge("messages-sent")).isEqualTo(7);
    try (FakeDataPlane dataPlane = new FakeDataPlane(config.directory(), folder.resolve("data"))) {
      dataPlane.count(CounterTypes.RECORDS, "records.0.taken", 90);
      dataPlane.count(CounterTypes.RECORDS, "records.0.shed", 10);
      until(() ->
          control
              .getFlowGauges(GetFlowGaugesRequest.getDefaultInstance())
              .getRecordsMap()
              .equals(Map.of("records.0.taken", 90L, "records.0.shed", 10L)));
    }
  }

  @Test
  void namesTheFieldThatIsWrong() {
    refuse(AggregateQuery.newBuilder(), "kind is not set or unknown");
    refuse(hosts().setLimit(1_001), "limit is 1001: write 1 to 1000, or 0 for 20");
    refuse(hosts().setLimit(-1), "limit is -1: write 1 to 1000, or 0 for 20");
    refuse(hosts().setWindowMinutes(61), "window_minutes is 61: write 1 to 60, or 0 for 1");
    refuse(hosts().setOrderValue(9), "order is unknown");
    assertStatus(
        () ->
            control
                .watchAggregates(
                    WatchAggregatesRequest.newBuilder().setQuery(hosts()).setIntervalMs(99).build())
                .next(),
        Status.Code.INVALID_ARGUMENT,
        "interval_ms is 99: write 100 to 60000, or 0 for 1000");
  }

  private void refuse(final AggregateQuery.Builder query, final String message) {
    assertStatus(
        () -> control.listAggregates(ListAggregatesRequest.newBuilder().setQuery(query).build()),
        Status.Code.INVALID_ARGUMENT,
        message);
  }

  private static AggregateQuery.Builder hosts() {
    return AggregateQuery.newBuilder().setKind(AggregateKind.AGGREGATE_KIND_HOST);
  }

  private AggregateReport list(final AggregateKind kind) {
    return control
        .listAggregates(
            ListAggregatesRequest.newBuilder()
                .setQuery(AggregateQuery.newBuilder().setKind(kind))
                .build())
        .getReport();
  }

  private List<String> names(final AggregateKind kind) {
    return list(kind).getAggregatesList().stream()
        .map(aggregate -> aggregate.getName() + " " + aggregate.getPeer())
        .toList();
  }

  /** Seven packets in two flows, which may have ended by now. */
  private static Aggregate sum(
      final String name, final boolean sends, final AggregateReport report) {
    final long bytes = 7L * RecordSender.FRAME_BYTES;
    return Aggregate.newBuilder()
        .setName(name)
        .setPackets(7)
        .setBytes(bytes)
        .setFlows(2)
        .setSentPackets(sends ? 7 : 0)
        .setSentBytes(sends ? bytes : 0)
        .setReceivedPackets(sends ? 0 : 7)
        .setReceivedBytes(sends ? 0 : bytes)
        .setFlowsNow(report.getAggregates(0).getFlowsNow())
        .build();
  }

  private long gauge(final String name) {
    return control.getFlowGauges(GetFlowGaugesRequest.getDefaultInstance()).getGaugesOrThrow(name);
  }
}
