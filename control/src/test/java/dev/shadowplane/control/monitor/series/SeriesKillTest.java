package dev.shadowplane.control.monitor.series;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.monitor.series.SeriesStore.Measurement;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed loses nothing that it appended, and leaves nothing that is wrong. */
@Timeout(300)
class SeriesKillTest {
  private static final long START = 1_795_000_000L / 3_600 * 3_600;
  private static final int KILLS = 8;

  @TempDir private Path folder;

  /** Appends seconds one by one, each as fast as it can, and says which are done. */
  static final class Child {
    private Child() {}

    public static void main(final String... arguments) {
      final long from = Long.parseLong(arguments[1]);
      final long[] now = {from};
      final SeriesStore store = SeriesStore.open(Path.of(arguments[0]), 50, () -> now[0]);
      final Thread packer =
          new Thread(() -> {
            while (true) {
              store.pack();
            }
          });
      packer.setDaemon(true);
      packer.start();
      for (; ; now[0]++) {
        final List<Measurement> batch =
            List.of(
                new Measurement(series(store, "a"), value(now[0])),
                // Another series each hour: the directory is written too.
                new Measurement(series(store, "s" + now[0] / 3_600 % 40), value(now[0])));
        store.append(now[0], batch);
        System.out.println(now[0]);
      }
    }
  }

  private static Series series(final SeriesStore store, final String name) {
    return Objects.requireNonNull(store.series(SeriesKey.parse(name)));
  }

  private static double value(final long second) {
    return Math.floorMod(second * 31, 101);
  }

  @Test
  void losesNothing() throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final SeriesModel model = new SeriesModel();
    long next = START;
    for (int kill = 0; kill < KILLS; kill++) {
      final long last = run(next, next + 1 + random.nextInt(20_000));
      for (; next <= last; next++) {
        model.put(next, value(next));
      }
      final long now = last;
      try (SeriesStore store = SeriesStore.open(folder, 50, () -> now)) {
        for (final int step : new int[] {1, 60, 3_600}) {
          final long to = last / step * step;
          final long from = Math.max(START, step == 1 ? last - 3_000 : START);
          assertThat(store.query(SeriesKey.parse("a"), from, to, step))
              .as("seed %d, kill %d, steps of %d s", seed, kill, step)
              .isEqualTo(model.query(from, to, step));
        }
      }
      // It may have appended more than it could say.
      next = last + 1;
    }
  }

  /** Kills a child once it has said a second; the last that it said. */
  private long run(final long from, final long until) throws Exception {
    final Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                folder.toString(),
                Long.toString(from))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long last = Long.MIN_VALUE;
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
      String line = said.readLine();
      while (line != null) {
        if (line.matches("[0-9]{10}")) {
          last = Long.parseLong(line);
        }
        if (last >= until) {
          // Its output stays open, so that what it said is read to the end.
          child.toHandle().destroyForcibly();
        }
        line = said.readLine();
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    return last;
  }
}
