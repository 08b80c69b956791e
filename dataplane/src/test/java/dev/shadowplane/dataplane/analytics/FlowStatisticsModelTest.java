package dev.shadowplane.dataplane.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shadowplane.dataplane.packet.RecordExtension;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The statistics of flows against lists of every value, in batches of lean and full records. */
final class FlowStatisticsModelTest {
  private static final long S = 1_000_000_000L;
  private static final int FLOWS = 40;
  private static final int BATCHES = 20_000;
  private static final int NETWORK = 0x0a00_0000;

  /** One direction of one flow. */
  private static final class Expected {
    final List<Long> sizes = new ArrayList<>();
    final List<Long> gaps = new ArrayList<>();
    long packets;
    long bytes;
    long ipBytes;
    long latestNs = Long.MIN_VALUE;
    int minHopLimit = 255;
    int maxHopLimit;
  }

  @Test
  void agreesWithEveryValue() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<Flow> ended = new ArrayList<>();
    final Map<Integer, Expected[]> expected = new HashMap<>();
    final long[] addresses = new long[FlowTable.BATCH];
    final long[] times = new long[FlowTable.BATCH];
    long nowNs = 1_700_000_000L * S;
    try (RecordMaker maker = new RecordMaker(FlowTable.BATCH);
        FlowTable table =
            new FlowTable(
                new FlowTableConfig(FLOWS, 1L << 60, 1L << 60),
                (flow, end) -> ended.add(flow.flow(end)))) {
      // The first packets of all go the same way, so that it is known who began.
      for (int flow = 0; flow < FLOWS; flow++) {
        take(maker.use(0), random, expected, nowNs, flow, 0);
        table.update(maker.record(), nowNs);
      }
      for (int i = 0; i < BATCHES; i++) {
        final int count = 1 + random.nextInt(FlowTable.BATCH);
        for (int at = 0; at < count; at++) {
          nowNs += random.nextInt(4) == 0 ? -random.nextInt(1000) : random.nextInt(1 << 20);
          final int flow = random.nextInt(random.nextInt(FLOWS) + 1);
          take(maker.use(at), random, expected, nowNs, flow, random.nextInt(2));
          addresses[at] = maker.record();
          times[at] = nowNs;
        }
        table.update(addresses, times, count);
      }
      table.endAll(EndReason.END_OF_INPUT);
    }
    assertThat(ended).as("seed %d", seed).hasSize(FLOWS);
    for (Flow flow : ended) {
      final Expected[] directions = Objects.requireNonNull(expected.get(flow.srcPort()));
      check(seed, flow.srcToDst(), directions[0]);
      check(seed, flow.dstToSrc(), directions[1]);
      final Flow.Details details = Objects.requireNonNull(flow.details());
      assertThat(details.srcMac()).isEqualTo("02:00:00:00:00:01");
      assertThat(details.dstMac()).isEqualTo("02:00:00:00:00:02");
      assertThat(details.tunnel()).isEqualTo(flow.srcPort() % 2 == 0 ? "vxlan" : "geneve");
      assertThat(details.vni()).isEqualTo(0xff_0000 + flow.srcPort());
    }
  }

  /** Odd flows are of IPv6; the last ones have sizes and gaps that lie close together. */
  private static void take(
      RecordMaker maker,
      Random random,
      Map<Integer, Expected[]> all,
      long nowNs,
      int flow,
      int direction) {
    final boolean ipv6 = flow % 2 == 1;
    final int from = NETWORK + (direction == 0 ? flow : 0xff_0000);
    final int to = NETWORK + (direction == 0 ? 0xff_0000 : flow);
    final int fromPort = direction == 0 ? flow : 53;
    final int toPort = direction == 0 ? 53 : flow;
    if (ipv6) {
      maker.ipv6(from, to, RecordMaker.UDP, fromPort, toPort);
    } else {
      maker.ipv4(from, to, RecordMaker.UDP, fromPort, toPort);
    }
    final int size = flow > FLOWS / 2 ? 65_000 + random.nextInt(3) : 60 + random.nextInt(1_455);
    final Expected expected =
        all.computeIfAbsent(flow, key -> new Expected[] {new Expected(), new Expected()})[
            direction];
    maker.lengths(size, size - 14);
    expected.packets++;
    expected.bytes += size;
    expected.ipBytes += size - 14;
    final boolean full = expected.packets == 1 || random.nextInt(5) > 0;
    if (full) {
      final int hopLimit = 1 + random.nextInt(255);
      maker
          .full(1 + direction, 2 - direction, hopLimit, 7)
          .tunnel(
              ipv6 ? RecordExtension.TUNNEL_GENEVE : RecordExtension.TUNNEL_VXLAN,
              0xff_0000 + flow);
      expected.minHopLimit = Math.min(expected.minHopLimit, hopLimit);
      expected.maxHopLimit = Math.max(expected.maxHopLimit, hopLimit);
      expected.sizes.add((long) size);
      if (expected.packets > 1) {
        expected.gaps.add(Math.max(0, nowNs - expected.latestNs));
      }
    }
    expected.latestNs = Math.max(expected.latestNs, nowNs);
  }

  private static void check(long seed, Flow.Direction direction, Expected expected) {
    assertThat(direction.packets()).as("seed %d", seed).isEqualTo(expected.packets);
    assertThat(direction.bytes()).as("seed %d", seed).isEqualTo(expected.bytes);
    assertThat(direction.ipBytes()).as("seed %d", seed).isEqualTo(expected.ipBytes);
    assertThat(direction.lastSeenNs()).as("seed %d", seed).isEqualTo(expected.latestNs);
    final Flow.Measures measures = Objects.requireNonNull(direction.measures());
    assertThat(measures.packets()).isEqualTo(expected.sizes.size());
    assertThat(measures.minHopLimit()).isEqualTo(expected.minHopLimit);
    assertThat(measures.maxHopLimit()).isEqualTo(expected.maxHopLimit);
    check(seed, measures.sizeBytes(), expected.sizes);
    check(seed, measures.gapNs(), expected.gaps);
  }

  private static void check(long seed, Flow.Spread spread, List<Long> values) {
    assertThat(spread.count()).as("seed %d", seed).isEqualTo(values.size());
    final BigDecimal count = BigDecimal.valueOf(values.size());
    BigDecimal sum = BigDecimal.ZERO;
    for (long value : values) {
      sum = sum.add(BigDecimal.valueOf(value));
    }
    final BigDecimal mean = sum.divide(count, MathContext.DECIMAL128);
    BigDecimal squares = BigDecimal.ZERO;
    for (long value : values) {
      squares = squares.add(BigDecimal.valueOf(value).subtract(mean).pow(2));
    }
    final double deviation =
        Math.sqrt(
            squares.divide(count.subtract(BigDecimal.ONE), MathContext.DECIMAL128).doubleValue());
    assertThat(spread.mean())
        .as("seed %d", seed)
        .isCloseTo(mean.doubleValue(), within(mean.doubleValue() * 1e-9));
    assertThat(spread.standardDeviation())
        .as("seed %d", seed)
        .isCloseTo(deviation, within(deviation * 1e-9));
    assertThat(spread.min()).isEqualTo(values.stream().mapToLong(v -> v).min().orElseThrow());
    assertThat(spread.max()).isEqualTo(values.stream().mapToLong(v -> v).max().orElseThrow());
  }
}
