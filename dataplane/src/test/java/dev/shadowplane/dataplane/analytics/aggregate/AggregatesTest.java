package dev.shadowplane.dataplane.analytics.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.FlowTable;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateRow.Amounts;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateRow.Traffic;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.FullRecordParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sums of flows that a table tells of. */
final class AggregatesTest {
  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);
  private static final long START_NS = 20_000 * MINUTE_NS;

  private static final FlowHash HASH = FlowHash.ofHex("000102030405060708090a0b0c0d0e0f");

  private final Arena arena = Arena.ofConfined();
  private final long record =
      NativeMemory.allocate(arena, PacketRecord.LONG_BYTES + RecordExtension.BYTES, 8);
  private final long frame = NativeMemory.allocate(arena, 2_048, 8);
  private final FrameParser parser = new FrameParser(HASH);
  private Aggregates sums = new Aggregates(List.of());
  private FlowTable table = table();
  private long nowNs = START_NS;

  @AfterEach
  void close() {
    table.close();
    arena.close();
  }

  @Test
  void shouldSumUpByHostPairSubnetNetworkAndPort() {
    send(Frames.ethernet().ipv4("10.0.1.1", "10.0.2.2").tcp(4_000, 443, Frames.SYN), 60);
    send(Frames.ethernet().ipv4("10.0.2.2", "10.0.1.1").tcp(443, 4_000, Frames.ACK), 1_000);
    send(Frames.ethernet().ipv4("10.0.1.1", "10.0.1.9").udp(5_000, 53), 100);
    send(Frames.ethernet().vlan(7).ipv6("2001:db8::5", "2001:db8::6").echo(true, 1), 200);
    end();
    assertThat(rows(AggregateKind.HOST))
        .containsExactlyInAnyOrder(
            "10.0.1.1  sent 2/160 received 1/1000 flows 2",
            "10.0.2.2  sent 1/1000 received 1/60 flows 1",
            "10.0.1.9  sent 0/0 received 1/100 flows 1",
            "2001:db8::5  sent 1/200 received 0/0 flows 1",
            "2001:db8::6  sent 0/0 received 1/200 flows 1");
    assertThat(rows(AggregateKind.PAIR))
        .containsExactlyInAnyOrder(
            "10.0.1.1 10.0.2.2 sent 1/60 received 1/1000 flows 1",
            "10.0.1.1 10.0.1.9 sent 1/100 received 0/0 flows 1",
            "2001:db8::5 2001:db8::6 sent 1/200 received 0/0 flows 1");
    assertThat(rows(AggregateKind.SUBNET))
        .containsExactlyInAnyOrder(
            "10.0.1.0/24  sent 2/160 received 2/1100 flows 2",
            "10.0.2.0/24  sent 1/1000 received 1/60 flows 1",
            "2001:db8::/64  sent 1/200 received 1/200 flows 1");
    assertThat(rows(AggregateKind.NETWORK))
        .containsExactlyInAnyOrder(
            "untagged, tunnel unknown  sent 2/160 received 1/1000 flows 2",
            "vlan 7, tunnel unknown  sent 1/200 received 0/0 flows 1");
    assertThat(rows(AggregateKind.PORT))
        .containsExactlyInAnyOrder(
            "tcp/443  sent 1/60 received 1/1000 flows 1",
            "udp/53  sent 1/100 received 0/0 flows 1",
            "icmpv6  sent 1/200 received 0/0 flows 1");
    assertThat(rows(AggregateKind.RULE))
        .containsExactly("unknown  sent 3/360 received 1/1000 flows 3");
    assertThat(rows(AggregateKind.VM_PAIR))
        .containsExactly("unknown unknown sent 3/360 received 1/1000 flows 3");
  }

  @Test
  void shouldSumUpByWhatOnlyFullRecordsTell() {
    final byte[] vm = {2, 0, 0, 0, 0, 9};
    final byte[] gateway = {2, 0, 0, 0, 0, 1};
    final byte[] tunnelled = new byte[80];
    tunnelled[0] = 8;
    tunnelled[6] = 42;
    final Frames asked = Frames.ethernet().macs(vm, gateway).ipv4("10.0.0.1", "10.0.0.2");
    final Frames answered = Frames.ethernet().macs(gateway, vm).ipv4("10.0.0.2", "10.0.0.1");
    sendFull(asked.udp(1, 80), 100, 17);
    sendFull(answered.udp(80, 1), 300, 17);
    sendFull(
        Frames.ethernet()
            .macs(vm, gateway)
            .vlan(5)
            .ipv4("10.0.0.1", "10.0.0.3")
            .udp(9, 4_789)
            .payload(tunnelled),
        200,
        RecordExtension.NO_RULE);
    send(Frames.ethernet().ipv4("10.0.0.7", "10.0.0.8").udp(1, 2), 50);
    end();
    assertThat(rows(AggregateKind.VM_PAIR))
        .containsExactlyInAnyOrder(
            "02:00:00:00:00:01 02:00:00:00:00:09 sent 1/300 received 2/300 flows 2",
            "unknown unknown sent 1/50 received 0/0 flows 1");
    assertThat(rows(AggregateKind.NETWORK))
        .containsExactlyInAnyOrder(
            "untagged  sent 1/100 received 1/300 flows 1",
            "vlan 5, vni 42  sent 1/200 received 0/0 flows 1",
            "untagged, tunnel unknown  sent 1/50 received 0/0 flows 1");
    assertThat(rows(AggregateKind.RULE))
        .containsExactlyInAnyOrder(
            "#17  sent 1/100 received 1/300 flows 1",
            "none  sent 1/200 received 0/0 flows 1",
            "unknown  sent 1/50 received 0/0 flows 1");
    assertThat(ask(AggregateKind.RULE, 1).rows())
        .extracting(AggregateRow::rule)
        .containsExactly(17L, AggregateRow.UNKNOWN, AggregateRow.UNKNOWN);
  }

  @Test
  void shouldSumRulesUpUnderTheKeysTheyHaveAtTheTime() {
    final long[] keys = {1_000};
    sums.ruleKeys(number -> number < 0 ? number : keys[0]);
    sendFull(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 80), 100, 17);
    end();
    keys[0] = 1_001;
    table = table();
    sendFull(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(2, 80), 300, 17);
    end();
    assertThat(ask(AggregateKind.RULE, 1).rows())
        .extracting(AggregateRow::rule, row -> row.sent().bytes())
        .containsExactly(tuple(1_001L, 300L), tuple(1_000L, 100L));
  }

  @Test
  void shouldTakeTheLongestOfTheSubnetsGiven() {
    sums =
        new Aggregates(
            List.of(
                IpPrefix.of("10.0.0.0/8"), IpPrefix.of("10.1.0.0/16"), IpPrefix.of("fd00::/8")));
    table.close();
    table = table();
    send(Frames.ethernet().ipv4("10.1.2.3", "10.2.2.3").udp(1, 2), 100);
    send(Frames.ethernet().ipv4("10.1.2.3", "10.1.3.3").udp(1, 2), 100);
    send(Frames.ethernet().ipv4("10.1.2.3", "192.0.2.1").udp(1, 2), 100);
    send(Frames.ethernet().ipv6("fd12::1", "2001:db8::1").udp(1, 2), 100);
    end();
    assertThat(rows(AggregateKind.SUBNET))
        .containsExactlyInAnyOrder(
            "10.1.0.0/16  sent 3/300 received 1/100 flows 3",
            "10.0.0.0/8  sent 0/0 received 1/100 flows 1",
            "fd00::/8  sent 1/100 received 0/0 flows 1",
            "elsewhere  sent 0/0 received 2/200 flows 2");
  }

  @Test
  void shouldCountWhatAHostSendsToItselfInBothDirections() {
    send(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.1").udp(1, 2), 100);
    end();
    assertThat(rows(AggregateKind.HOST))
        .containsExactly("10.0.0.1  sent 1/100 received 1/100 flows 1");
    assertThat(rows(AggregateKind.PAIR))
        .containsExactly("10.0.0.1 10.0.0.1 sent 1/100 received 0/0 flows 1");
  }

  @ParameterizedTest
  @EnumSource(AggregateKind.class)
  void shouldAddUpToTheTotalInEveryKind(AggregateKind kind) {
    for (int i = 0; i < 1_000; i++) {
      send(
          Frames.ethernet().ipv4("10.0." + i % 7 + ".1", "10.1.0." + i % 200).udp(i, 1_000 + i),
          90);
    }
    end();
    final AggregateReport report = ask(kind, AggregateQuestion.EVERYTHING);
    final long times = kind == AggregateKind.HOST || kind == AggregateKind.SUBNET ? 2 : 1;
    assertThat(report.total().atLeast()).isEqualTo(new Amounts(1_000, 90_000, 1_000));
    assertThat(report.rows().stream().mapToLong(row -> row.atLeast().bytes()).sum())
        .isEqualTo(times * 90_000);
  }

  @Test
  void shouldForgetMinutesOutsideTheWindow() {
    for (int minute = 0; minute < 65; minute++) {
      send(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(minute, 2), 100);
      end();
      assertThat(ask(AggregateKind.TOTAL, 1).total().atLeast().packets())
          .isEqualTo(Math.min(2, minute + 1));
      assertThat(ask(AggregateKind.TOTAL, 60).total().atLeast().packets())
          .isEqualTo(Math.min(61, minute + 1));
      assertThat(ask(AggregateKind.TOTAL, AggregateQuestion.EVERYTHING).total().atLeast().packets())
          .isEqualTo(minute + 1);
      advanceTo(nowNs + MINUTE_NS);
    }
    final AggregateReport last = ask(AggregateKind.HOST, 60);
    assertThat(last.toNs()).isEqualTo(nowNs);
    assertThat(last.fromNs()).isEqualTo(nowNs - 60 * MINUTE_NS);
    advanceTo(nowNs + 10_000 * MINUTE_NS);
    assertThat(ask(AggregateKind.HOST, 60).rows()).isEmpty();
    assertThat(ask(AggregateKind.HOST, AggregateQuestion.EVERYTHING).rows()).hasSize(2);
  }

  @Test
  void shouldGoOnWhenTheClockIsSetBack() {
    send(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2), 100);
    end();
    advanceTo(nowNs - 100 * MINUTE_NS);
    send(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2), 100);
    end();
    final AggregateReport report = ask(AggregateKind.TOTAL, 1);
    assertThat(report.total().atLeast().packets()).isEqualTo(2);
    assertThat(report.fromNs()).isLessThanOrEqualTo(report.toNs());
  }

  @Test
  void shouldEstimateHowManyDifferentOnesThereWere() {
    for (int i = 0; i < 20_000; i++) {
      final String source = "10." + i % 2 + "." + i / 2 % 100 + "." + i / 200;
      send(Frames.ethernet().vlan(1 + i % 2).ipv4(source, "192.0.2." + i % 50).udp(9, i % 500), 90);
      if (i % 1_000 == 999) {
        end();
      }
    }
    final AggregateReport report = ask(AggregateKind.NETWORK, 1);
    // Five times the standard error of 2.3 %.
    assertNear(distinct(report.total()).sources(), 20_000);
    assertNear(distinct(report.total()).destinations(), 50);
    assertNear(distinct(report.total()).ports(), 500);
    assertNear(distinct(report.total()).pairs(), 20_000);
    assertThat(report.rows()).hasSize(2);
    for (AggregateRow row : report.rows()) {
      assertNear(distinct(row).sources(), 10_000);
      assertNear(distinct(row).destinations(), 25);
    }
    advanceTo(nowNs + 2 * MINUTE_NS);
    assertThat(distinct(ask(AggregateKind.NETWORK, 1).total()).sources().count()).isZero();
    assertNear(distinct(ask(AggregateKind.NETWORK, 60).total()).sources(), 20_000);
  }

  @Test
  void shouldRefuseWhatItCannotAnswer() {
    final AggregateQuestion question =
        new AggregateQuestion(AggregateKind.HOST, AggregateOrder.BYTES, 1, 1);
    final List<CompletableFuture<AggregateReport>> asked =
        java.util.stream.IntStream.rangeClosed(0, Aggregates.MAX_WAITING)
            .mapToObj(_ -> sums.ask(question))
            .toList();
    assertThatThrownBy(() -> asked.getLast().join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("64 questions about sums wait already: ask again later");
    assertThat(asked.getFirst()).isNotDone();
    sums.advance(nowNs);
    sums.advance(nowNs);
    sums.close();
    assertThatThrownBy(() -> asked.getFirst().join()).hasMessageContaining("closed");
    assertThatThrownBy(() -> asked.get(1).join()).hasMessageContaining("closed");
    assertThatThrownBy(() -> sums.ask(question).join()).hasMessageContaining("closed");
    assertThatThrownBy(
            () -> new AggregateQuestion(AggregateKind.HOST, AggregateOrder.BYTES, 1_001, 1))
        .hasMessage("ask for 1 to 1000 sums, not for 1001");
    assertThatThrownBy(() -> new AggregateQuestion(AggregateKind.HOST, AggregateOrder.BYTES, 1, 62))
        .hasMessage("ask for 1 to 60 minutes or for everything, not for 62");
  }

  private static DistinctCounts distinct(AggregateRow row) {
    return Objects.requireNonNull(row.distinct());
  }

  private static void assertNear(DistinctCounts.Estimate estimate, long truth) {
    assertThat((double) estimate.count()).isBetween(truth * 0.88, truth * 1.12);
    assertThat(estimate.count()).isBetween(estimate.atLeast(), estimate.atMost());
  }

  private FlowTable table() {
    return new FlowTable(
        new FlowTableConfig(100_000, 1L << 60, 1L << 60), (flow, reason) -> {}, sums);
  }

  private void send(Frames made, int wireBytes) {
    final byte[] bytes = made.bytes();
    NativeMemory.copy(bytes, frame, bytes.length);
    parser.parse(frame, bytes.length, wireBytes, 0, record);
    table.update(record, nowNs);
  }

  private void sendFull(Frames made, int wireBytes, int rule) {
    final byte[] bytes = made.bytes();
    NativeMemory.copy(bytes, frame, bytes.length);
    parser.parse(frame, bytes.length, wireBytes, 0, record);
    final FullRecordParser full = new FullRecordParser(HASH, false);
    full.find(
        frame, bytes.length, wireBytes, parser.networkOffset(), parser.transportOffset(), record);
    full.extend(record, rule);
    table.update(record, nowNs);
  }

  /** Every flow ends, so that all changes have been told. */
  private void end() {
    advanceTo(nowNs);
    table.endAll(EndReason.END_OF_INPUT);
  }

  private void advanceTo(long timeNs) {
    nowNs = timeNs;
    while (sums.advance(timeNs) > 0) {
      // One minute at a time.
    }
  }

  private AggregateReport ask(AggregateKind kind, int minutes) {
    final CompletableFuture<AggregateReport> report =
        sums.ask(
            new AggregateQuestion(
                kind, AggregateOrder.BYTES, AggregateQuestion.MAX_LIMIT, minutes));
    while (sums.advance(nowNs) > 0) {
      // A minute of the sums at a time.
    }
    return report.join();
  }

  private List<String> rows(AggregateKind kind) {
    return ask(kind, 1).rows().stream()
        .map(row -> {
          final Traffic sent = row.sent();
          final Traffic received = row.received();
          assertThat(row.error()).isEqualTo(new Amounts(0, 0, 0));
          assertThat(row.flowsNow()).isEqualTo(kind.countsFlowsNow() ? 0 : AggregateRow.UNKNOWN);
          return "%s %s sent %d/%d received %d/%d flows %d"
              .formatted(
                  row.name(),
                  row.peer(),
                  sent.packets(),
                  sent.bytes(),
                  received.packets(),
                  received.bytes(),
                  row.atLeast().flows());
        })
        .toList();
  }
}
