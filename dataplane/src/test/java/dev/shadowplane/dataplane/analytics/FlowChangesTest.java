package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.packet.Frames.FIN;
import static dev.shadowplane.dataplane.packet.Frames.RST;
import static dev.shadowplane.dataplane.packet.Frames.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dpdk.NativeMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is told of flows as they change, and that nothing of it is lost at the limits. */
final class FlowChangesTest {
  private static final long S = 1_000_000_000L;
  private static final long T = 1_700_000_000L * S;

  /** Takes changes and flows, and checks that they belong together. */
  private static final class Sums implements FlowChangeSink, FlowSink {
    final Map<String, long[]> open = new HashMap<>();
    final List<Flow> ended = new ArrayList<>();
    long[] closed = {};
    long tells;

    @Override
    public void onChange(
        FlowView flow, long packets, long bytes, long answerPackets, long answerBytes, int state) {
      tells++;
      final String key =
          flow.ipVersion()
              + " "
              + flow.addressHigh(0)
              + " "
              + flow.addressLow(0)
              + ":"
              + flow.sourcePort()
              + " "
              + flow.addressLow(1)
              + ":"
              + flow.destinationPort()
              + " "
              + flow.protocol();
      assertThat(open.containsKey(key)).isEqualTo((state & BEGUN) == 0);
      final long[] sums = open.computeIfAbsent(key, k -> new long[4]);
      sums[0] += packets;
      sums[1] += bytes;
      sums[2] += answerPackets;
      sums[3] += answerBytes;
      if ((state & ENDED) != 0) {
        closed = open.remove(key);
      } else {
        assertThat(packets + answerPackets).isPositive();
      }
    }

    @Override
    public void onFlow(FlowView view, EndReason reason) {
      final Flow flow = view.flow(reason);
      ended.add(flow);
      assertThat(closed)
          .containsExactly(
              flow.srcToDst().packets(),
              flow.srcToDst().bytes(),
              flow.dstToSrc().packets(),
              flow.dstToSrc().bytes());
      closed = new long[0];
    }
  }

  @Test
  void addUpToEveryFlow() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final Sums sums = new Sums();
    final int packets = 200_000;
    long bytes = 0;
    long nowNs = T;
    // Too small for all of them, so that some are evicted.
    final FlowTableConfig config = new FlowTableConfig(64, 3 * S, 7 * S);
    try (RecordMaker maker = new RecordMaker(1);
        FlowTable table = new FlowTable(config, sums, sums)) {
      for (int i = 0; i < packets; i++) {
        nowNs += random.nextInt(1000) == 0 ? 4 * S : random.nextInt(4_000_000);
        final int flow = random.nextInt(1 + random.nextInt(200));
        final int way = random.nextInt(2);
        final int port = 1 + flow % 7;
        if (flow % 2 == 0) {
          maker.ipv4(
              way == 0 ? flow : 999,
              way == 0 ? 999 : flow,
              6,
              way == 0 ? port : 9,
              way == 0 ? 9 : port);
        } else {
          maker.ipv6(
              way == 0 ? flow : 999,
              way == 0 ? 999 : flow,
              6,
              way == 0 ? port : 9,
              way == 0 ? 9 : port);
        }
        final int size = 60 + random.nextInt(1455);
        bytes += size;
        final int[] flags = {0, 0, 0, 0, 0, 0, SYN, SYN, FIN, RST};
        maker.lengths(size, size - 14).tcpFlags(flags[random.nextInt(flags.length)]);
        table.update(maker.record(), nowNs);
        if (i % 32 == 0) {
          table.sweep(64);
        }
      }
      table.endAll(EndReason.END_OF_INPUT);
      assertThat(table.evictions()).as("seed %d", seed).isPositive();
    }
    assertThat(sums.open).as("seed %d", seed).isEmpty();
    assertThat(sums.ended.stream().mapToLong(Flow::packets).sum()).isEqualTo(packets);
    assertThat(sums.ended.stream().mapToLong(Flow::bytes).sum()).isEqualTo(bytes);
    assertThat(sums.ended.stream().map(Flow::end).distinct())
        .contains(EndReason.ACTIVE, EndReason.IDLE, EndReason.CLOSED, EndReason.EVICTED);
    // Not only at the end, and not at every packet.
    assertThat(sums.tells).isBetween(sums.ended.size() * 11L / 10, packets / 2L);
  }

  @Test
  void cutsAFlowBeforeAnyCounterWraps() {
    for (int direction = 0; direction < 2; direction++) {
      for (long[] seeded :
          new long[][] {
            {(1L << 31) - 2, 1000, 1000}, {5, (1L << 47) - 1, 1000}, {5, 1000, (1L << 47) - 1},
          }) {
        final Sums sums = new Sums();
        final ExtensionPool extensions = new ExtensionPool(1);
        final FlowPool pool =
            new FlowPool(
                false, new FlowTableConfig(16, 1L << 60, 1L << 60), extensions, sums, sums);
        try (RecordMaker maker = new RecordMaker(2)) {
          maker.use(0).ipv4(1, 2, RecordMaker.UDP, 7, 8).lengths(-1, 0xffff);
          final long there = maker.record();
          maker.use(1).ipv4(2, 1, RecordMaker.UDP, 8, 7).lengths(-1, 0xffff);
          final long[] records = {there, maker.record()};
          update(pool, records[0], T);
          update(pool, records[1], T);
          final long half = FlowEntry.half(pool.entry(0), direction);
          NativeMemory.putLong(half + FlowEntry.FRAME_BYTES, seeded[0] << 48 | seeded[1]);
          NativeMemory.putLong(half + FlowEntry.IP_BYTES, seeded[0] >>> 16 << 48 | seeded[2]);
          for (int i = 0; i < 10; i++) {
            update(pool, records[direction], T + 1 + i);
            pool.sweep(0, 1, T + 1 + i);
          }
          pool.endAll(EndReason.END_OF_INPUT);
        }
        pool.close();
        extensions.close();
        final long[] total = new long[3];
        for (Flow flow : sums.ended) {
          final Flow.Direction counted = direction == 0 ? flow.srcToDst() : flow.dstToSrc();
          total[0] += counted.packets();
          total[1] += counted.bytes();
          total[2] += counted.ipBytes();
        }
        assertThat(sums.ended)
            .as(Arrays.toString(seeded))
            .extracting(Flow::end)
            .containsExactly(EndReason.ACTIVE, EndReason.END_OF_INPUT);
        assertThat(total)
            .containsExactly(
                seeded[0] + 10, seeded[1] + 10 * 0xffff_ffffL, seeded[2] + 10 * 0xffffL);
        assertThat(sums.open).isEmpty();
      }
    }
  }

  @Test
  void goesOnWithoutStatisticsWhenThereIsNoRoomForThem() {
    final Sums sums = new Sums();
    try (RecordMaker maker = new RecordMaker(1);
        FlowTable table = new FlowTable(new FlowTableConfig(16, 10 * S, 60 * S), sums, sums)) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 16; i++) {
          table.update(full(maker.ipv4(1 + i, 99, 17, 5, 6)), T + round);
        }
        for (int i = 0; i < 5; i++) {
          table.update(full(maker.ipv6(1 + i, 99, 17, 5, 6)), T + round);
        }
      }
      assertThat(table.measured()).isEqualTo(16);
      assertThat(table.unmeasured()).isEqualTo(5);
      assertThat(table.loadPercent()).isEqualTo(100);
      // The room of flows that have ended is taken by those that go on.
      table.update(full(maker.ipv6(1, 99, 17, 5, 6)), T + 9 * S);
      table.advance(T + 11 * S);
      table.sweep(64);
      assertThat(table.measured()).isZero();
      assertThat(table.size()).isEqualTo(1);
      table.update(full(maker.ipv6(1, 99, 17, 5, 6)), T + 12 * S);
      assertThat(table.measured()).isEqualTo(1);
      assertThat(table.unmeasured()).isEqualTo(5);
      table.endAll(EndReason.END_OF_INPUT);
    }
    assertThat(sums.ended).hasSize(21);
    assertThat(sums.ended.stream().filter(flow -> flow.details() == null)).hasSize(4);
    assertThat(sums.ended.getLast().srcToDst().packets()).isEqualTo(5);
    assertThat(sums.ended.getLast().srcToDst().measures())
        .extracting(Flow.Measures::packets)
        .isEqualTo(1L);
  }

  @Test
  void keepsBusyFlowsThroughAFloodOfOthers() {
    final Sums sums = new Sums();
    final int busy = 10;
    final int flood = 500_000;
    try (RecordMaker maker = new RecordMaker(1);
        FlowTable table = new FlowTable(new FlowTableConfig(4096, 15 * S, 60 * S), sums, sums)) {
      for (int i = 0; i < flood; i++) {
        table.update(full(maker.ipv4(i, i ^ 0x5555, 17, i & 0xffff, 53)), T + i * 1000L);
        if (i % 100 == 0) {
          table.update(full(maker.ipv4(-1 - i / 100 % busy, 1, 17, 5, 6)), T + i * 1000L);
          table.sweep(256);
        }
      }
      assertThat(table.size()).isEqualTo(4096);
      assertThat(table.evictions()).isEqualTo(flood + busy - 4096);
      table.endAll(EndReason.END_OF_INPUT);
    }
    assertThat(sums.ended)
        .filteredOn(flow -> flow.packets() > 1)
        .hasSize(busy)
        .allMatch(flow -> flow.packets() == flood / 100 / busy)
        .allMatch(flow -> flow.end() == EndReason.END_OF_INPUT);
    assertThat(sums.ended).hasSize(flood + busy);
  }

  private static long full(RecordMaker maker) {
    return maker.lengths(100, 86).full(1, 2, 64, 3).record();
  }

  private static void update(FlowPool pool, long record, long timestampNs) {
    pool.update(record, timestampNs, Records.tail(record), 4711, 0);
  }
}
