package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.packet.Frames.ACK;
import static dev.shadowplane.dataplane.packet.Frames.FIN;
import static dev.shadowplane.dataplane.packet.Frames.PSH;
import static dev.shadowplane.dataplane.packet.Frames.RST;
import static dev.shadowplane.dataplane.packet.Frames.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.shadowplane.dataplane.packet.Frames;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FlowTableTest {
  private static final String A = "10.0.0.1";
  private static final String B = "10.0.0.2";
  private static final long T = 1_700_000_000_000_000_000L;
  private static final long S = 1_000_000_000L;

  private final List<Flow> ended = new ArrayList<>();
  private final Records records = new Records();
  private FlowTable table = table(1024);

  @AfterEach
  void free() {
    table.close();
    records.close();
  }

  @Test
  void countsBothDirectionsInOneFlow() {
    take(T, tcp(A, B, 1000, 80, SYN));
    take(T + 5, tcp(B, A, 80, 1000, SYN | ACK));
    take(T + 9, tcp(A, B, 1000, 80, ACK | PSH).payload(100));
    take(T + 8, tcp(A, B, 1000, 80, ACK));
    assertThat(table.size()).isEqualTo(1);
    assertThat(end())
        .containsExactly(
            new Flow(
                A,
                1000,
                B,
                80,
                6,
                Flow.NO_VLAN,
                T,
                T + 9,
                new Flow.Direction(3, 54 * 3 + 100, 40 * 3 + 100, SYN | ACK | PSH, T, T + 9, null),
                new Flow.Direction(1, 54, 40, SYN | ACK, T + 5, T + 5, null),
                EndReason.END_OF_INPUT,
                null));
  }

  @Test
  void takesTheReceiverOfASynAckForTheInitiator() {
    take(T, tcp(B, A, 80, 1000, SYN | ACK));
    take(T + 1, tcp(A, B, 1000, 80, ACK));
    final Flow flow = only(end());
    assertThat(flow.srcIp()).isEqualTo(A);
    assertThat(flow.dstPort()).isEqualTo(80);
    assertThat(flow.srcToDst().tcpFlags()).isEqualTo(ACK);
    assertThat(flow.dstToSrc().tcpFlags()).isEqualTo(SYN | ACK);
  }

  @Test
  void keepsWhatDiffersInAnyPartOfTheKeyApart() {
    take(T, udp(A, B, 7, 8));
    take(T, udp(A, B, 8, 7));
    take(T, udp(A, "10.0.0.3", 7, 8));
    take(T, tcp(A, B, 7, 8, 0));
    take(T, Frames.ethernet().vlan(5).ipv4(A, B).udp(7, 8));
    take(T, Frames.ethernet().vlan(6).ipv4(A, B).udp(7, 8));
    take(T, Frames.ethernet().ipv6("::a00:1", "::a00:2").udp(7, 8));
    take(T, Frames.ethernet().ipv4(A, B).echo(true, 1));
    assertThat(table.size()).isEqualTo(8);
    assertThat(end()).allMatch(flow -> flow.packets() == 1).doesNotHaveDuplicates();
  }

  @Test
  void tellsVlansByIdAloneAndPriorityTagsByNone() {
    take(T, Frames.ethernet().vlan(0x2005).ipv4(A, B).udp(7, 8));
    take(T, Frames.ethernet().qinq(0x5).vlan(9).ipv4(B, A).udp(8, 7));
    take(T, Frames.ethernet().vlan(0xe000).ipv4(A, B).udp(7, 8));
    take(T, udp(B, A, 8, 7));
    assertThat(end())
        .extracting(
            Flow::vlan, flow -> flow.srcToDst().packets(), flow -> flow.dstToSrc().packets())
        .containsExactly(tuple(5, 1L, 1L), tuple(Flow.NO_VLAN, 1L, 1L));
  }

  @Test
  void givesIpv6InCanonicalForm() {
    take(T, Frames.ethernet().ipv6("2001:DB8:0:0:1:0:0:1", "fe80::1").udp(1, 2).payload(6));
    take(T, Frames.ethernet().ipv6("fe80::1", "2001:db8::1:0:0:1").udp(2, 1));
    final Flow flow = only(end());
    assertThat(flow.srcIp()).isEqualTo("2001:db8::1:0:0:1");
    assertThat(flow.dstIp()).isEqualTo("fe80::1");
    assertThat(flow.srcToDst().bytes()).isEqualTo(14 + 40 + 8 + 6);
    assertThat(flow.srcToDst().ipBytes()).isEqualTo(40 + 8 + 6);
    assertThat(flow.dstToSrc().packets()).isEqualTo(1);
  }

  @Test
  void splitsAtTheIdleTimeoutWithoutAnySweep() {
    take(T, udp(A, B, 7, 8));
    take(T + 15 * S - 1, udp(A, B, 7, 8));
    take(T + 30 * S - 1, udp(B, A, 8, 7));
    assertThat(only(ended).end()).isEqualTo(EndReason.IDLE);
    assertThat(only(ended).packets()).isEqualTo(2);
    assertThat(only(ended).lastSeenNs()).isEqualTo(T + 15 * S - 1);
    // Whoever speaks first after the silence is the initiator of what follows.
    assertThat(end().getLast().srcIp()).isEqualTo(B);
  }

  @Test
  void cutsAtTheActiveTimeoutAndKeepsTheDirection() {
    for (long i = 0; i < 13; i++) {
      take(T + i * 10 * S, i % 2 == 0 ? udp(A, B, 7, 8) : udp(B, A, 8, 7));
    }
    final List<Flow> all = end();
    assertThat(all)
        .extracting(Flow::end, Flow::packets)
        .containsExactly(
            tuple(EndReason.ACTIVE, 6L),
            tuple(EndReason.ACTIVE, 6L),
            tuple(EndReason.END_OF_INPUT, 1L));
    assertThat(all).allMatch(flow -> flow.srcIp().equals(A));
    assertThat(all.get(1).firstSeenNs()).isEqualTo(T + 60 * S);
    assertThat(all.get(1).lastSeenNs()).isEqualTo(T + 110 * S);
  }

  @Test
  void sweepsOutWhatIsOverdueWithTheSameReasons() {
    take(T, udp(A, B, 1, 1));
    for (long i = 0; i <= 70; i += 10) {
      take(T + i * S, tcp(A, B, 2, 2, ACK));
    }
    table.sweep(1024);
    assertThat(ended)
        .extracting(Flow::protocol, Flow::end, Flow::packets)
        .containsExactlyInAnyOrder(tuple(17, EndReason.IDLE, 1L), tuple(6, EndReason.ACTIVE, 6L));
    table.advance(T + 84 * S);
    table.sweep(1024);
    assertThat(table.size()).isEqualTo(1);
    table.advance(T + 85 * S);
    table.sweep(1024);
    assertThat(table.size()).isZero();
    assertThat(ended.getLast().end()).isEqualTo(EndReason.IDLE);
    assertThat(ended.getLast().packets()).isEqualTo(2);
  }

  @Test
  void handsOutNothingForAFlowCutAndThenSilent() {
    table.close();
    table =
        new FlowTable(
            new FlowTableConfig(16, 15 * S, 5 * S), (flow, end) -> ended.add(flow.flow(end)));
    take(T, udp(A, B, 1, 1));
    table.advance(T + 6 * S);
    table.sweep(16);
    assertThat(only(ended).end()).isEqualTo(EndReason.ACTIVE);
    assertThat(table.size()).isEqualTo(1);
    table.advance(T + 15 * S);
    table.sweep(16);
    assertThat(table.size()).isZero();
    assertThat(ended).hasSize(1);
  }

  @Test
  void opensANewFlowForASynAfterTheConnectionClosed() {
    take(T, tcp(A, B, 9, 80, SYN));
    take(T + 1, tcp(A, B, 9, 80, SYN));
    take(T + 2, tcp(A, B, 9, 80, FIN | ACK));
    take(T + 3, tcp(A, B, 9, 80, SYN));
    take(T + 4, tcp(B, A, 80, 9, FIN | ACK));
    take(T + 5, tcp(A, B, 9, 80, ACK));
    take(T + 6, tcp(B, A, 80, 9, SYN));
    take(T + 7, tcp(A, B, 9, 80, RST));
    take(T + 8, tcp(A, B, 9, 80, SYN));
    final List<Flow> all = end();
    assertThat(all)
        .extracting(Flow::srcPort, Flow::packets, Flow::end)
        .containsExactly(
            tuple(9, 6L, EndReason.CLOSED),
            tuple(80, 2L, EndReason.CLOSED),
            tuple(9, 1L, EndReason.END_OF_INPUT));
  }

  @Test
  void survivesTimeThatRunsBackwards() {
    take(T + 3, udp(A, B, 7, 8));
    take(T, udp(A, B, 7, 8));
    table.sweep(1024);
    assertThat(ended).isEmpty();
    take(T - 3600 * S, udp(A, B, 7, 8));
    assertThat(only(ended).firstSeenNs()).isEqualTo(T);
    assertThat(only(ended).lastSeenNs()).isEqualTo(T + 3);
    for (long hostile : new long[] {0, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      take(hostile, udp(A, B, 7, 8));
      table.sweep(1024);
    }
    end();
    assertThat(ended.stream().mapToLong(Flow::packets).sum()).isEqualTo(7);
  }

  @Test
  void evictsTheOldestOfANeighbourhoodWhenFull() {
    table.close();
    table = table(64);
    for (int i = 0; i < 64; i++) {
      take(T + (i == 5 ? 0 : i + 1), udp(A, B, 100 + i, 1));
    }
    assertThat(ended).isEmpty();
    take(T + 100, udp(A, B, 1, 1));
    assertThat(only(ended).end()).isEqualTo(EndReason.EVICTED);
    assertThat(only(ended).srcPort()).isEqualTo(105);
    assertThat(table.evictions()).isEqualTo(1);
    for (int i = 0; i < 1000; i++) {
      take(T + 200 + i, udp(A, B, 1000 + i, 1));
    }
    assertThat(table.size()).isEqualTo(64);
    assertThat(table.evictions()).isEqualTo(1001);
    // What a full table gives up for being idle was not evicted.
    take(T + 60 * S, udp(A, B, 1, 2));
    assertThat(ended.getLast().end()).isEqualTo(EndReason.IDLE);
    assertThat(table.evictions()).isEqualTo(1001);
  }

  @Test
  void boundsTheDamageOfEqualHashes() {
    final ExtensionPool extensions = new ExtensionPool(1);
    final FlowPool pool =
        new FlowPool(
            false,
            new FlowTableConfig(4096, 15 * S, 60 * S),
            extensions,
            (flow, end) -> ended.add(flow.flow(end)),
            FlowChangeSink.NONE);
    for (int i = 0; i < 4000; i++) {
      final long record = records.of(udp(A, B, 1 + i, 1));
      pool.update(record, T + i, Records.tail(record), 0x1234_5678, 0);
    }
    assertThat(pool.size()).isEqualTo(768);
    assertThat(pool.evictions()).isEqualTo(4000 - 768);
    pool.endAll(EndReason.END_OF_INPUT);
    assertThat(ended).hasSize(4000).doesNotHaveDuplicates();
    assertThat(pool.size()).isZero();
    pool.close();
    extensions.close();
  }

  @Test
  void refusesLimitsThatMakeNoSense() {
    assertThatThrownBy(() -> new FlowTableConfig(15, 1, 1))
        .hasMessageContaining("16 to 33554432 flows")
        .hasMessageContaining("15");
    assertThatThrownBy(() -> new FlowTableConfig(16, 0, 1)).hasMessageContaining("idle 0 ns");
  }

  private FlowTable table(int capacity) {
    return new FlowTable(
        new FlowTableConfig(capacity, 15 * S, 60 * S), (flow, end) -> ended.add(flow.flow(end)));
  }

  private void take(long timestampNs, Frames frame) {
    table.update(records.of(frame), timestampNs);
  }

  private List<Flow> end() {
    table.endAll(EndReason.END_OF_INPUT);
    return ended;
  }

  private static Flow only(List<Flow> flows) {
    assertThat(flows).hasSize(1);
    return flows.getFirst();
  }

  private static Frames udp(String from, String to, int fromPort, int toPort) {
    return Frames.ethernet().ipv4(from, to).udp(fromPort, toPort);
  }

  private static Frames tcp(String from, String to, int fromPort, int toPort, int flags) {
    return Frames.ethernet().ipv4(from, to).tcp(fromPort, toPort, flags);
  }
}
