package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class BatchTallyTest {
  private final Map<Integer, Long> frames = new HashMap<>();
  private final Map<Integer, Long> bytes = new HashMap<>();

  private final JournalLedger ledger =
      new JournalLedger() {
        @Override
        public void journaled(int ruleId, long moreFrames, long moreBytes) {
          frames.merge(ruleId, moreFrames, Long::sum);
          bytes.merge(ruleId, moreBytes, Long::sum);
        }

        @Override
        public void shed(int ruleId, ShedReason reason, long moreFrames) {
          frames.merge(ruleId, -moreFrames, Long::sum);
        }

        @Override
        public void state(JournalState state, String reason) {
          throw new AssertionError(reason);
        }
      };

  @Test
  void agreesWithAMapForAnyRules() {
    long seed = System.nanoTime();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    BatchTally tally = new BatchTally(64);
    Map<Integer, Long> expectedFrames = new HashMap<>();
    Map<Integer, Long> expectedBytes = new HashMap<>();
    for (int batch = 0; batch < 2_000; batch++) {
      boolean journaled = random.nextInt(4) != 0;
      int ruleRange = 1 + random.nextInt(1_000);
      for (int i = random.nextInt(65); i > 0; i--) {
        int rule = random.nextInt(ruleRange) * (random.nextBoolean() ? 1 : 0x4000_0001);
        int length = random.nextInt(2_000);
        tally.add(rule, length);
        expectedFrames.merge(rule, journaled ? 1L : -1L, Long::sum);
        if (journaled) {
          expectedBytes.merge(rule, (long) length, Long::sum);
        }
      }
      tally.publish(ledger, journaled);
    }
    assertThat(frames).as("seed %d", seed).isEqualTo(expectedFrames);
    assertThat(bytes).as("seed %d", seed).isEqualTo(expectedBytes);
  }
}
