package dev.shadowplane.dataplane.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.Limits;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What limits take of flows and of time, against plain counting, and that the ledger balances. */
final class SamplerTest extends DpdkTest {
  private static final int PACKETS = 3_000;
  private static final int FLOWS = 40;

  @TempDir private Path root;

  private static byte[] frame(int flow, int number) {
    final String a = "10.0.0.1";
    final String b = "10.0.1." + flow;
    final boolean back = number % 3 == 0;
    final Frames frame = back ? Frames.ethernet().ipv4(b, a) : Frames.ethernet().ipv4(a, b);
    return (back ? frame.udp(53, 1_000 + flow) : frame.udp(1_000 + flow, 53))
        .payload(4 + number % 400)
        .bytes();
  }

  @Test
  void takesTheFirstPacketsOfEachFlowBothDirectionsTogether() throws Exception {
    final Map<Integer, Integer> seen = new HashMap<>();
    mirrors(new Limits(3, 0, 1, 0, 0), (flow, frame) -> seen.merge(flow, 1, Integer::sum) <= 3);
  }

  @Test
  void takesEachFlowUntilItsFirstBytes() throws Exception {
    final Map<Integer, Integer> seen = new HashMap<>();
    mirrors(
        new Limits(0, 2_000, 1, 0, 0),
        (flow, frame) -> {
          final int before = seen.getOrDefault(flow, 0);
          seen.put(flow, before + frame.length);
          return before < 2_000;
        });
  }

  @Test
  void takesOnePacketOfSoManyOfWhatTheFlowsLeave() throws Exception {
    final Map<Integer, Integer> seen = new HashMap<>();
    final int[] taken = {0};
    mirrors(
        new Limits(10, 0, 7, 0, 0),
        (flow, frame) -> seen.merge(flow, 1, Integer::sum) <= 10 && taken[0]++ % 7 == 0);
  }

  private interface Expectation {
    boolean takes(int flow, byte[] frame);
  }

  private void mirrors(Limits limits, Expectation expectation) throws Exception {
    final long seed = System.nanoTime();
    final SplittableRandom random = new SplittableRandom(seed);
    try (RingLab lab = new RingLab(pool(), root, 1_024, "a", "b", "shadow")) {
      lab.embed(lab.config(rule(limits)));
      final List<byte[]> expected = new ArrayList<>();
      final List<byte[]> mirrored = new ArrayList<>();
      for (int i = 0; i < PACKETS; i++) {
        final int flow = random.nextInt(FLOWS);
        final byte[] frame = frame(flow, i);
        if (expectation.takes(flow, frame)) {
          expected.add(frame);
        }
        lab.send("a", frame);
        lab.work();
        assertThat(lab.receive("b")).as("seed %d", seed).containsExactly(frame);
        mirrored.addAll(lab.receive("shadow"));
      }
      assertThat(mirrored).as("seed %d", seed).containsExactly(expected.toArray(byte[][]::new));
      assertThat(lab.counter("rule.some.matched")).isEqualTo(PACKETS);
      assertThat(lab.counter("rule.some.filtered")).isEqualTo(PACKETS - expected.size());
    }
  }

  private static Rule rule(Limits limits) {
    final List<RuleTarget> shadow = List.of(new RuleTarget.Port("shadow"));
    return new Rule("some", 0, Match.ALL, 100, shadow, CopyChange.NONE, limits);
  }

  @Test
  void shedsWhatIsOverTheRateAndCountsIt() throws Exception {
    try (RingLab lab = new RingLab(pool(), root, 1_024, "a", "b", "shadow")) {
      // A packet an hour: one, and no other.
      lab.embed(lab.config(rule(new Limits(0, 0, 1, 0, 1))));
      final List<byte[]> mirrored = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        lab.send("a", frame(1, i));
        lab.work();
        assertThat(lab.receive("b")).containsExactly(frame(1, i));
        mirrored.addAll(lab.receive("shadow"));
      }
      assertThat(mirrored).containsExactly(frame(1, 0));
      assertThat(lab.counter("rule.some.mirrored.port:shadow")).isOne();
      assertThat(lab.counter("rule.some.shed.port:shadow.rate-cap")).isEqualTo(49);
      assertThat(lab.counter("rule.some.matched")).isEqualTo(50);
      assertThat(lab.counter("rule.some.filtered")).isZero();
    }
  }

  @Test
  void keepsToRatesOverAnyTime() {
    final long seed = System.nanoTime();
    final SplittableRandom random = new SplittableRandom(seed);
    final Sampler packets = new Sampler(new Limits(0, 0, 1, 10_000, 0), 1, null, 2);
    final Sampler bits = new Sampler(new Limits(0, 0, 1, 0, 8_000_000), 1, null, 1);
    long nowNs = seed;
    long admitted = 0;
    long bytes = 0;
    for (int i = 0; i < 1_000_000; i++) {
      nowNs += random.nextInt(20_000);
      final int length = random.nextInt(60, 1_515);
      admitted += packets.admits(length, nowNs) ? 1 : 0;
      bytes += bits.admits(length, nowNs) ? length : 0;
    }
    final double seconds = (nowNs - seed) / 1e9;
    // Half of the rate, for one of two workers; a tenth of a second at the beginning is free.
    assertThat(admitted)
        .as("seed %d", seed)
        .isBetween((long) (5_000 * seconds) - 1, (long) (5_000 * (seconds + 0.1)) + 2);
    assertThat(bytes)
        .as("seed %d", seed)
        .isBetween((long) (1e6 * seconds) - 1_515, (long) (1e6 * (seconds + 0.1)) + 1_515);
  }

  @Test
  void remembersABoundedNumberOfFlowsAndForgetsTheSilent() {
    final FlowStarts starts = new FlowStarts();
    for (int flow = 0; flow < 1_000_000; flow++) {
      assertThat(starts.isBeginning(1, flow, 60, flow, 1, 0)).isTrue();
    }
    assertThat(starts.isBeginning(1, 999_999, 60, 1_000_000, 1, 0)).isFalse();
    assertThat(starts.isBeginning(2, 999_999, 60, 1_000_000, 1, 0)).isTrue();
    assertThat(starts.isBeginning(1, 999_999, 60, 16_000_000_000L, 1, 0)).isTrue();
  }
}
