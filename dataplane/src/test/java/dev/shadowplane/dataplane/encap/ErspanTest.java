package dev.shadowplane.dataplane.encap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.mirror.RandomFrames;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a collector tells loss and order by: numbers and times, when several workers send to it. */
final class ErspanTest extends DpdkTest {
  private static final int WORKERS = 2;
  private static final int ROUNDS = 100;
  private static final int GRE = 14 + 20;

  /** How far the data plane's clock may be from the system's, which steps. */
  private static final long TOLERANCE_NS = 200_000_000;

  @TempDir private Path root;

  private static long nowNs() {
    return System.currentTimeMillis() * 1_000_000;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void workersNumberTheirFramesTogether(int version) throws Exception {
    final long seed = System.nanoTime();
    System.out.println("ErspanTest seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    final RandomFrames frames = new RandomFrames(seed);
    final String collector = "encapsulation: erspan" + version + ", session: 5, " + Collectors.IPV4;
    final List<List<byte[]>> sent = List.of(new ArrayList<>(), new ArrayList<>());
    final List<List<byte[]>> left = List.of(new ArrayList<>(), new ArrayList<>());
    final long beforeNs = nowNs() - TOLERANCE_NS;
    try (RingLab lab = new RingLab(pool(), root, 1_024, WORKERS, "a", "b", "out")) {
      lab.embed(
          Collectors.config(
              lab,
              List.of(Collectors.collector(collector)),
              Collectors.all(CopyChange.NONE, new RuleTarget.Collector("far"))));
      for (int round = 0; round < ROUNDS; round++) {
        for (int queue = 0; queue < WORKERS; queue++) {
          for (int count = random.nextInt(RingLab.BURST + 1); count > 0; count--) {
            final byte[] frame = frames.next();
            sent.get(queue).add(frame);
            lab.add(lab.mbuf(frame, Integer.MAX_VALUE));
          }
          lab.flush("a", queue);
        }
        lab.work();
        for (int queue = 0; queue < WORKERS; queue++) {
          left.get(queue).addAll(lab.receive("out", queue));
          lab.receive("b", queue);
        }
      }
    }
    final long afterNs = nowNs() + TOLERANCE_NS;
    final int outer = GRE + (version == 2 ? 16 : 20);
    final TreeSet<Integer> numbers = new TreeSet<>();
    for (int queue = 0; queue < WORKERS; queue++) {
      Traffic.assertFrames(
          "inner, seed " + seed,
          left.get(queue).stream().map(f -> Arrays.copyOfRange(f, outer, f.length)).toList(),
          sent.get(queue));
      final List<Integer> ofWorker = left.get(queue).stream().map(f -> word(f, 4)).toList();
      assertThat(ofWorker).as("in order, seed %d", seed).isSorted().doesNotHaveDuplicates();
      numbers.addAll(ofWorker);
      if (version == 3) {
        assertTimes(left.get(queue), beforeNs, afterNs, seed);
      }
    }
    // Each once, and none left out: a gap would mean a frame that was lost.
    assertThat(numbers)
        .as("seed %d", seed)
        .containsExactlyElementsOf(
            IntStream.range(0, left.stream().mapToInt(List::size).sum()).boxed().toList());
  }

  private static int word(byte[] frame, int offset) {
    return ByteBuffer.wrap(frame).getInt(GRE + offset);
  }

  /** In units of 100 ns, as granularity 01 in the last word says; they wrap every seven minutes. */
  private static void assertTimes(List<byte[]> frames, long fromNs, long toNs, long seed) {
    final int from = (int) (fromNs / 100);
    long last = 0;
    for (byte[] frame : frames) {
      assertThat(word(frame, 16) >> 1 & 3).as("granularity").isEqualTo(1);
      final long since = Integer.toUnsignedLong(word(frame, 12) - from);
      assertThat(since).as("seed %d", seed).isBetween(last, (toNs - fromNs) / 100);
      last = since;
    }
  }
}
