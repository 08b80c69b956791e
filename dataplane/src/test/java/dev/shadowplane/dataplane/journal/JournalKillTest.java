package dev.shadowplane.dataplane.journal;

import static dev.shadowplane.dataplane.journal.JournalCrashChild.QUEUES;
import static dev.shadowplane.dataplane.journal.JournalCrashChild.acknowledgedIndex;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalKillTest {
  private static final int KILLS = 3;

  @TempDir private Path temporary;

  private Process startChild(Path folder, Path acknowledgements, long[] firstNumbers)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-javaagent"))
        .forEach(command::add);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(JournalCrashChild.class.getName());
    command.add(folder.toString());
    command.add(acknowledgements.toString());
    for (long first : firstNumbers) {
      command.add(Long.toString(first));
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(temporary.resolve("child.log").toFile())
        .start();
  }

  @Test
  void noAcknowledgedFrameIsLostToSigkill() throws Exception {
    long seed = System.nanoTime();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Path folder = temporary.resolve("journal");
    long[] next = LongStream.range(0, QUEUES).toArray();
    for (int kill = 0; kill < KILLS; kill++) {
      Path acknowledgements = temporary.resolve("acknowledged-" + kill);
      UnsafeBuffer acknowledged = JournalCrashChild.map(acknowledgements);
      long least = random.nextLong(1, 10_000);
      Process child = startChild(folder, acknowledgements, next);
      try {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (acknowledged.getLongVolatile(acknowledgedIndex(kill)) < least) {
          assertThat(child.isAlive()).as("seed %d: see child.log", seed).isTrue();
          assertThat(System.nanoTime()).as("seed %d: deadline", seed).isLessThan(deadlineNs);
          Thread.onSpinWait();
        }
      } finally {
        child.destroyForcibly();
      }
      // 128 + SIGKILL
      assertThat(child.waitFor()).as("seed %d", seed).isEqualTo(137);
      long[] end = assertWhole(folder, "seed " + seed);
      for (int queue = 0; queue < QUEUES; queue++) {
        assertThat((end[queue] - next[queue]) / QUEUES)
            .as("seed %d", seed)
            .isGreaterThanOrEqualTo(acknowledged.getLongVolatile(acknowledgedIndex(queue)));
      }
      next = end;
    }
    try (TestJournal journal = new TestJournal(folder, System.currentTimeMillis(), QUEUES)) {
      for (int queue = 0; queue < QUEUES; queue++) {
        assertThat(journal.frames.write(journal.rings.get(queue), next[queue])).isTrue();
        next[queue] += QUEUES;
      }
      journal.drain();
    }
    assertThat(assertWhole(folder, "seed " + seed)).isEqualTo(next);
  }

  /** Every frame is whole and none is missing in its queue; returns the next number of each. */
  private static long[] assertWhole(Path folder, String description) throws IOException {
    long[] next = LongStream.range(0, QUEUES).toArray();
    for (long number : TestJournal.numbers(folder)) {
      int queue = (int) (number % QUEUES);
      assertThat(number).as(description).isEqualTo(next[queue]);
      next[queue] += QUEUES;
    }
    return next;
  }
}
