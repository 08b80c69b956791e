package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.mirror.RandomFrames;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several workers that carry one pair of ports, each by queues of its own, under one rule set. */
final class SharedPairTest extends DpdkTest {
  private static final int WORKERS = 3;
  private static final int ROUNDS = 20;

  @TempDir private Path root;

  @Test
  void eachWorkerCarriesAndMirrorsItsQueuesAndCountersAreSummed() throws Exception {
    final long seed = System.nanoTime();
    final SplittableRandom random = new SplittableRandom(seed);
    final RandomFrames frames = new RandomFrames(seed);
    final Rule all = new Rule("all", 0, Match.ALL, 100, List.of(new RuleTarget.Port("shadow")));
    try (RingLab lab = new RingLab(pool(), root, 1_024, WORKERS, "a", "b", "shadow")) {
      lab.embed(lab.config(all));
      final List<List<byte[]>> sent = new ArrayList<>();
      final List<List<byte[]>> forwarded = new ArrayList<>();
      final List<List<byte[]>> mirrored = new ArrayList<>();
      for (int queue = 0; queue < WORKERS; queue++) {
        sent.add(new ArrayList<>());
        forwarded.add(new ArrayList<>());
        mirrored.add(new ArrayList<>());
      }
      int fromA = 0;
      for (int round = 0; round < ROUNDS; round++) {
        final boolean back = random.nextBoolean();
        for (int queue = 0; queue < WORKERS; queue++) {
          final int count = random.nextInt(1, RingLab.BURST + 1);
          for (int i = 0; i < count; i++) {
            final byte[] frame = frames.next();
            sent.get(queue).add(frame);
            lab.add(lab.mbuf(frame, Integer.MAX_VALUE));
          }
          lab.flush(back ? "b" : "a", queue);
          fromA += back ? 0 : count;
        }
        lab.work();
        for (int queue = 0; queue < WORKERS; queue++) {
          forwarded.get(queue).addAll(lab.receive(back ? "a" : "b", queue));
          mirrored.get(queue).addAll(lab.receive("shadow", queue));
        }
      }
      long total = 0;
      for (int queue = 0; queue < WORKERS; queue++) {
        total += sent.get(queue).size();
        final byte[][] expected = sent.get(queue).toArray(byte[][]::new);
        assertThat(forwarded.get(queue)).as("seed %d", seed).containsExactly(expected);
        assertThat(mirrored.get(queue)).as("seed %d", seed).containsExactly(expected);
      }
      assertThat(lab.counter("port.a.rx-packets")).isEqualTo(fromA);
      assertThat(lab.counter("port.b.rx-packets")).isEqualTo(total - fromA);
      assertThat(lab.counter("rule.all.matched")).isEqualTo(total);
      assertThat(lab.counter("rule.all.mirrored.port:shadow")).isEqualTo(total);
      final List<Long> shares = new ArrayList<>();
      CountersView.open(lab.run())
          .forEach((id, type, label, value) -> {
            if (label.startsWith("rule.all.matched@")) {
              shares.add(value);
            }
          });
      assertThat(shares)
          .containsExactlyElementsOf(sent.stream().map(f -> (long) f.size()).toList());
    }
  }
}
