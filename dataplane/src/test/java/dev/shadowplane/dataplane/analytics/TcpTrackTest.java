package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.packet.Frames.ACK;
import static dev.shadowplane.dataplane.packet.Frames.FIN;
import static dev.shadowplane.dataplane.packet.Frames.RST;
import static dev.shadowplane.dataplane.packet.Frames.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.packet.RecordExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What single connections tell, segment by segment. */
final class TcpTrackTest {
  private static final long MS = 1_000_000;
  private static final long S = 1000 * MS;
  private static final long T = 1_700_000_000 * S;
  private static final int CLIENT = 0;
  private static final int SERVER = 1;

  /** Initial sequence numbers; the client's wraps after 1,000 bytes. */
  private static final int[] ISN = {-1000, 0x7fff_ff00};

  private final List<Flow> ended = new ArrayList<>();
  private final RecordMaker record = new RecordMaker(1);
  private final FlowTable table =
      new FlowTable(
          new FlowTableConfig(16, 15 * S, 60 * S), (flow, end) -> ended.add(flow.flow(end)));
  private int window = 1000;

  @AfterEach
  void free() {
    table.close();
    record.close();
  }

  @Test
  void timesBothHalvesOfTheHandshake() {
    send(0, CLIENT, SYN, 0, 0, 0);
    send(20 * MS, SERVER, SYN | ACK, 0, 1, 0);
    send(27 * MS, CLIENT, ACK, 1, 1, 0);
    final Flow flow = end();
    assertThat(details(flow).serverRttNs()).isEqualTo(20 * MS);
    assertThat(details(flow).clientRttNs()).isEqualTo(7 * MS);
    assertThat(flow.srcIp()).isEqualTo("10.0.0.1");
    assertThat(measures(flow, CLIENT).retransmissions()).isZero();
    assertThat(measures(flow, SERVER).roundTrip()).isEqualTo(Flow.RoundTrip.NONE);
  }

  @Test
  void doesNotTimeHalvesWhoseBeginningWasSentAgain() {
    send(0, CLIENT, SYN, 0, 0, 0);
    send(1000 * MS, CLIENT, SYN, 0, 0, 0);
    send(1020 * MS, SERVER, SYN | ACK, 0, 1, 0);
    send(1027 * MS, CLIENT, ACK, 1, 1, 0);
    final Flow flow = end();
    assertThat(details(flow).serverRttNs()).isEqualTo(Flow.UNKNOWN);
    assertThat(details(flow).clientRttNs()).isEqualTo(Flow.UNKNOWN);
    assertThat(measures(flow, CLIENT).retransmissions()).isEqualTo(1);
  }

  @Test
  void timesTheClientsHalfAloneWhenTheSynWasMissed() {
    send(0, SERVER, SYN | ACK, 0, 1, 0);
    send(3 * MS, CLIENT, ACK, 1, 1, 0);
    final Flow flow = end();
    assertThat(flow.srcIp()).isEqualTo("10.0.0.1");
    assertThat(details(flow).serverRttNs()).isEqualTo(Flow.UNKNOWN);
    assertThat(details(flow).clientRttNs()).isEqualTo(3 * MS);
  }

  @Test
  void doesNotTakeAnAnswerToAnotherSynForTheServers() {
    send(0, CLIENT, SYN, 0, 0, 0);
    send(2 * MS, SERVER, SYN | ACK, 0, 500, 0);
    assertThat(details(end()).serverRttNs()).isEqualTo(Flow.UNKNOWN);
  }

  @Test
  void tellsSegmentsSentAgainAcrossTheEndOfNumbers() {
    for (int offset = 1; offset <= 2001; offset += 500) {
      send(offset, CLIENT, ACK, offset, 1, 500);
    }
    send(3000, CLIENT, ACK, 501, 1, 500);
    send(3001, CLIENT, ACK, 501, 1, 1500);
    // A byte that was not sent before makes it none.
    send(3002, CLIENT, ACK, 2001, 1, 501);
    send(3003, CLIENT, ACK | FIN, 2502, 1, 0);
    send(3004, CLIENT, ACK | FIN, 2502, 1, 0);
    final Flow.Measures measures = measures(end(), CLIENT);
    assertThat(measures.retransmissions()).isEqualTo(3);
    assertThat(measures.outOfOrder()).isZero();
  }

  @Test
  void doesNotTakeQuestionsWhetherThePeerLivesForSegmentsSentAgain() {
    send(0, CLIENT, ACK, 1, 1, 100);
    send(1, SERVER, ACK, 1, 101, 0);
    send(10 * S, CLIENT, ACK, 100, 1, 1);
    send(10 * S + 1, CLIENT, ACK, 100, 1, 0);
    send(10 * S + 2, SERVER, ACK, 1, 101, 0);
    assertThat(measures(end(), CLIENT).retransmissions()).isZero();
    // The byte before was acknowledged longer ago.
    send(20 * S, CLIENT, ACK, 1, 1, 100);
    send(20 * S + 1, SERVER, ACK, 1, 101, 0);
    send(20 * S + 2, CLIENT, ACK, 99, 1, 1);
    assertThat(measures(end(), CLIENT).retransmissions()).isEqualTo(1);
  }

  @Test
  void tellsOutOfOrderFromSentAgainByTheHandshakesRoundTrip() {
    send(0, CLIENT, SYN, 0, 0, 0);
    send(20 * MS, SERVER, SYN | ACK, 0, 1, 0);
    send(25 * MS, CLIENT, ACK, 1, 1, 0);
    send(100 * MS, CLIENT, ACK, 101, 1, 100);
    send(100 * MS + 24 * MS, CLIENT, ACK, 1, 1, 100);
    send(200 * MS, CLIENT, ACK, 301, 1, 100);
    send(200 * MS + 26 * MS, CLIENT, ACK, 201, 1, 100);
    // Filled already.
    send(200 * MS + 27 * MS, CLIENT, ACK, 201, 1, 100);
    final Flow.Measures measures = measures(end(), CLIENT);
    assertThat(measures.outOfOrder()).isEqualTo(1);
    assertThat(measures.retransmissions()).isEqualTo(2);
  }

  @Test
  void takesThreeMillisecondsForARoundTripNotSeen() {
    send(0, CLIENT, ACK, 1, 1, 100);
    send(MS, CLIENT, ACK, 301, 1, 100);
    send(3 * MS, CLIENT, ACK, 201, 1, 50);
    send(3 * MS, CLIENT, ACK, 101, 1, 50);
    send(5 * MS, CLIENT, ACK, 151, 1, 50);
    send(5 * MS, CLIENT, ACK, 251, 1, 50);
    final Flow.Measures measures = measures(end(), CLIENT);
    assertThat(measures.outOfOrder()).isEqualTo(2);
    assertThat(measures.retransmissions()).isEqualTo(2);
  }

  @Test
  void countsClosedWindows() {
    window = 0;
    send(0, CLIENT, SYN, 0, 0, 0);
    send(1, SERVER, ACK, 1, 1, 0);
    send(2, SERVER, ACK, 1, 1, 0);
    send(3, CLIENT, ACK, 1, 1, 10);
    send(4, SERVER, ACK | RST, 1, 1, 0);
    send(5, CLIENT, ACK | FIN, 11, 1, 0);
    window = 1;
    send(6, SERVER, ACK, 1, 1, 0);
    final Flow flow = end();
    assertThat(measures(flow, CLIENT).zeroWindows()).isEqualTo(1);
    assertThat(measures(flow, SERVER).zeroWindows()).isEqualTo(2);
  }

  @Test
  void timesOneSegmentAtOnceAndNoneThatWasSentAgain() {
    send(0, CLIENT, ACK, 1, 1, 100);
    send(5 * MS, CLIENT, ACK, 101, 1, 100);
    send(8 * MS, SERVER, ACK, 1, 100, 0);
    send(9 * MS, SERVER, ACK, 1, 201, 0);
    send(20 * MS, CLIENT, ACK, 201, 1, 100);
    send(25 * MS, CLIENT, ACK, 201, 1, 100);
    send(29 * MS, SERVER, ACK, 1, 301, 0);
    send(40 * MS, CLIENT, ACK, 301, 1, 100);
    send(43 * MS, SERVER, ACK, 1, 401, 50);
    send(44 * MS, CLIENT, ACK, 401, 51, 0);
    final Flow flow = end();
    assertThat(measures(flow, CLIENT).roundTrip())
        .isEqualTo(new Flow.RoundTrip(2, 6.0 * MS, 3 * MS, 9 * MS));
    assertThat(measures(flow, SERVER).roundTrip()).isEqualTo(new Flow.RoundTrip(1, MS, MS, MS));
  }

  @Test
  void keepsItsStateOverACut() {
    send(0, CLIENT, SYN, 0, 0, 0);
    send(20 * MS, SERVER, SYN | ACK, 0, 1, 0);
    send(27 * MS, CLIENT, ACK, 1, 1, 0);
    for (int i = 0; i < 6; i++) {
      send((10 + 10 * i) * S - 1, CLIENT, ACK, 1 + 100 * i, 1, 100);
    }
    send(61 * S, CLIENT, ACK, 501, 1, 100);
    assertThat(ended).extracting(Flow::end).containsExactly(EndReason.ACTIVE);
    assertThat(measures(ended.getFirst(), CLIENT).retransmissions()).isZero();
    ended.clear();
    final Flow flow = end();
    assertThat(measures(flow, CLIENT).retransmissions()).isEqualTo(1);
    assertThat(measures(flow, CLIENT).packets()).isEqualTo(1);
    assertThat(measures(flow, CLIENT).gapNs()).isEqualTo(Flow.Spread.NONE);
    assertThat(flow.dstToSrc().measures()).isNull();
    assertThat(details(flow).serverRttNs()).isEqualTo(20 * MS);
  }

  @Test
  void beginsAnewWithASynFarFromWhatWasSentBefore() {
    send(0, CLIENT, ACK, 1, 1, 100);
    send(1, CLIENT, ACK, 201, 1, 100);
    send(2, CLIENT, SYN, 1 << 20, 0, 0);
    send(3, SERVER, SYN | ACK, 1 << 20, (1 << 20) + 1, 0);
    send(4, CLIENT, ACK, (1 << 20) + 1, (1 << 20) + 1, 10);
    final Flow flow = end();
    assertThat(measures(flow, CLIENT).retransmissions()).isZero();
    assertThat(measures(flow, CLIENT).outOfOrder()).isZero();
    assertThat(details(flow).serverRttNs()).isEqualTo(1);
    assertThat(details(flow).clientRttNs()).isEqualTo(1);
  }

  private void send(long afterNs, int side, int flags, int offset, int acknowledged, int payload) {
    if (side == CLIENT) {
      record.ipv4(0x0a00_0001, 0x0a00_0002, RecordMaker.TCP, 1000, 80);
    } else {
      record.ipv4(0x0a00_0002, 0x0a00_0001, RecordMaker.TCP, 80, 1000);
    }
    record
        .lengths(54 + payload, 40 + payload)
        .tcpFlags(flags)
        .full(1 + side, 2 - side, 64, RecordExtension.NO_RULE)
        .segment(ISN[side] + offset, ISN[1 - side] + acknowledged, window, payload);
    table.update(record.record(), T + afterNs);
  }

  private Flow end() {
    table.endAll(EndReason.END_OF_INPUT);
    assertThat(ended).hasSize(1);
    return ended.removeFirst();
  }

  private static Flow.Details details(Flow flow) {
    return Objects.requireNonNull(flow.details());
  }

  private static Flow.Measures measures(Flow flow, int side) {
    return Objects.requireNonNull((side == CLIENT ? flow.srcToDst() : flow.dstToSrc()).measures());
  }
}
