package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.packet.Frames.ACK;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random connections that lose, repeat and reorder, against a model that remembers every byte: the
 * definitions of {@link TcpTrack}, on numbers that do not wrap.
 */
final class TcpTrackModelTest {
  private static final long UNIT_NS = 1024;
  private static final long S = 1_000_000_000L;
  private static final long LIMIT_UNITS = 3_000_000 / UNIT_NS;
  private static final int CONNECTIONS = 400;
  private static final int SEGMENTS = 300;

  /** What one side has sent, by offsets of bytes. */
  private static final class Side {
    private record Hole(BitSet bytes, long openedNs) {}

    final BitSet sent = new BitSet();
    final List<Hole> holes = new ArrayList<>();
    final List<Long> samples = new ArrayList<>();
    int end;
    int acknowledged = -1;
    int timedEnd = -1;
    long timedNs;
    long again;
    long late;
    long closed;

    void send(int from, int length, long nowNs) {
      final int to = from + length;
      if (length == 0) {
        return;
      }
      if (from >= end) {
        if (from > end && !sent.isEmpty()) {
          final BitSet missing = new BitSet();
          missing.set(end, from);
          open(missing, nowNs);
        } else if (timedEnd < 0) {
          timedEnd = to;
          timedNs = nowNs;
        }
      } else if (length == 1 && from == acknowledged - 1) {
        return;
      } else {
        count(from, to, nowNs);
      }
      sent.set(from, to);
      end = Math.max(end, to);
    }

    private void count(int from, int to, long nowNs) {
      long openedNs = -1;
      for (Hole hole : List.copyOf(holes)) {
        final BitSet here = new BitSet();
        here.set(from, to);
        here.and(hole.bytes);
        if (!here.isEmpty()) {
          openedNs = hole.openedNs;
          fill(hole, here);
        }
      }
      if (to > end) {
        return;
      }
      if (openedNs >= 0 && (nowNs - openedNs) / UNIT_NS <= LIMIT_UNITS) {
        late++;
        return;
      }
      again++;
      if (timedEnd >= 0 && from < timedEnd) {
        timedEnd = -1;
      }
    }

    private void fill(Hole hole, BitSet here) {
      hole.bytes.andNot(here);
      if (hole.bytes.isEmpty()) {
        holes.remove(hole);
        return;
      }
      // What is left in two parts is two holes.
      final int behind = hole.bytes.nextClearBit(hole.bytes.nextSetBit(0));
      if (hole.bytes.nextSetBit(behind) >= 0) {
        final BitSet upper = hole.bytes.get(0, hole.bytes.length());
        upper.clear(0, behind);
        hole.bytes.clear(behind, hole.bytes.length());
        open(upper, hole.openedNs);
      }
    }

    private void open(BitSet missing, long nowNs) {
      holes.add(new Hole(missing, nowNs));
      if (holes.size() > 2) {
        holes.removeFirst();
      }
    }

    void acknowledge(int offset, long nowNs) {
      acknowledged = Math.max(acknowledged, offset);
      if (timedEnd >= 0 && offset >= timedEnd) {
        samples.add(nowNs - timedNs);
        timedEnd = -1;
      }
    }
  }

  @Test
  void agreesWithEveryByte() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<Flow> ended = new ArrayList<>();
    long again = 0;
    long late = 0;
    long samples = 0;
    try (RecordMaker maker = new RecordMaker(1);
        FlowTable table =
            new FlowTable(
                new FlowTableConfig(16, 1L << 60, 1L << 60),
                (flow, end) -> ended.add(flow.flow(end)))) {
      for (int i = 0; i < CONNECTIONS; i++) {
        final Side[] sides = {new Side(), new Side()};
        final int[] start = {random.nextInt(), -random.nextInt(100_000)};
        converse(random, maker, table, sides, start);
        table.endAll(EndReason.END_OF_INPUT);
        assertThat(ended).as("seed %d", seed).hasSize(1);
        final Flow flow = ended.removeFirst();
        check(seed, flow.srcToDst(), sides[0]);
        check(seed, flow.dstToSrc(), sides[1]);
        again += sides[0].again;
        late += sides[0].late;
        samples += sides[0].samples.size();
      }
    }
    // The traffic was such as to need each of them.
    assertThat(again).isGreaterThan(CONNECTIONS);
    assertThat(late).isGreaterThan(CONNECTIONS);
    assertThat(samples).isGreaterThan(CONNECTIONS);
  }

  private static void converse(
      Random random, RecordMaker maker, FlowTable table, Side[] sides, int[] start) {
    // A whole number of units, in which the table keeps the ages of holes.
    long nowNs = 1_700_000_000L * S / UNIT_NS * UNIT_NS;
    for (int i = 0; i < SEGMENTS; i++) {
      nowNs += random.nextInt(1500) * UNIT_NS;
      final int way = i == 0 ? 0 : random.nextInt(2);
      final Side side = sides[way];
      final Side peer = sides[1 - way];
      int from = side.end;
      int length = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(1000);
      switch (i < 2 ? 9 : random.nextInt(10)) {
        case 0 -> from += 1 + random.nextInt(2000);
        case 1 -> from = Math.max(0, from - random.nextInt(4000));
        case 2 -> {
          // Into the latest hole, if any.
          if (!side.holes.isEmpty()) {
            from = side.holes.getLast().bytes().nextSetBit(0) + random.nextInt(100);
          }
        }
        case 3 -> {
          from = Math.max(0, side.acknowledged - 1);
          length = 1;
        }
        default -> {}
      }
      final int acknowledged = Math.max(0, peer.end - random.nextInt(3) * random.nextInt(1500));
      final int window = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(65_535);
      if (way == 0) {
        maker.ipv4(1, 2, RecordMaker.TCP, 7, 8);
      } else {
        maker.ipv4(2, 1, RecordMaker.TCP, 8, 7);
      }
      maker
          .lengths(54 + length, 40 + length)
          .tcpFlags(ACK)
          .full(1, 2, 64, 1)
          .segment(start[way] + from, start[1 - way] + acknowledged, window, length);
      table.update(maker.record(), nowNs);
      side.closed += window == 0 ? 1 : 0;
      peer.acknowledge(acknowledged, nowNs);
      side.send(from, length, nowNs);
    }
  }

  private static void check(long seed, Flow.Direction direction, Side side) {
    final Flow.Measures measures = Objects.requireNonNull(direction.measures());
    assertThat(measures.retransmissions()).as("seed %d", seed).isEqualTo(side.again);
    assertThat(measures.outOfOrder()).as("seed %d", seed).isEqualTo(side.late);
    assertThat(measures.zeroWindows()).as("seed %d", seed).isEqualTo(side.closed);
    final Flow.RoundTrip roundTrip = measures.roundTrip();
    assertThat(roundTrip.samples()).as("seed %d", seed).isEqualTo(side.samples.size());
    final var figures = side.samples.stream().mapToLong(sample -> sample).summaryStatistics();
    if (figures.getCount() > 0) {
      assertThat(roundTrip.meanNs()).as("seed %d", seed).isEqualTo(figures.getAverage());
      assertThat(roundTrip.minNs()).as("seed %d", seed).isEqualTo(figures.getMin());
      assertThat(roundTrip.maxNs()).as("seed %d", seed).isEqualTo(figures.getMax());
    }
  }
}
