package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalKillTest {
  private static final int KILLS = 3;

  @TempDir private Path temporary;

  private Process startChild(Path folder, Path acknowledgements, long firstNumber)
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
    command.add(Long.toString(firstNumber));
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
    List<Long> numbers = List.of();
    for (int kill = 0; kill < KILLS; kill++) {
      Path acknowledgements = temporary.resolve("acknowledged-" + kill);
      UnsafeBuffer acknowledged = JournalCrashChild.map(acknowledgements);
      long least = random.nextLong(1, 40_000);
      Process child = startChild(folder, acknowledgements, numbers.size());
      try {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (acknowledged.getLongVolatile(0) < least) {
          assertThat(child.isAlive()).as("seed %d: see child.log", seed).isTrue();
          assertThat(System.nanoTime()).as("seed %d: deadline", seed).isLessThan(deadlineNs);
          Thread.onSpinWait();
        }
      } finally {
        child.destroyForcibly();
      }
      // 128 + SIGKILL
      assertThat(child.waitFor()).as("seed %d", seed).isEqualTo(137);
      long before = numbers.size();
      numbers = TestJournal.numbers(folder);
      assertThat((long) numbers.size() - before)
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo(acknowledged.getLongVolatile(0));
      assertThat(numbers).as("seed %d", seed).isEqualTo(TestJournal.range(0, numbers.size()));
    }
    try (TestJournal journal = new TestJournal(folder, System.currentTimeMillis())) {
      journal.journal(numbers.size(), numbers.size() + 10);
    }
    assertThat(TestJournal.numbers(folder)).isEqualTo(TestJournal.range(0, numbers.size() + 10));
  }
}
