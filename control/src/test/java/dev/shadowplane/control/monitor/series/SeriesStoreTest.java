package dev.shadowplane.control.monitor.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.monitor.series.SeriesStore.Measurement;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store answers is what a list of everything that was measured would. */
class SeriesStoreTest {
  private static final long START = 1_795_000_000L / 3_600 * 3_600;
  private static final SeriesKey CPU =
      SeriesKey.parse("vm.cpu.utilisation{network=\"n\",vm=\"a\"}");

  @TempDir private Path folder;
  private long now = START;
  private SeriesStore store;

  @BeforeEach
  void open() {
    store = SeriesStore.open(folder, 10, () -> now);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    open();
  }

  private Series series(final SeriesKey key) {
    return Objects.requireNonNull(store.series(key));
  }

  private void append(final SeriesKey key, final long second, final double value) {
    now = second;
    store.append(second, List.of(new Measurement(series(key), value)));
  }

  @Test
  void answersWhatWasMeasured() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<SeriesKey> keys =
        Stream.of("a", "b{x=\"1\"}", "b{x=\"2\"}").map(SeriesKey::parse).toList();
    final List<SeriesModel> models = keys.stream().map(_ -> new SeriesModel()).toList();
    long second = START + random.nextInt(3_600);
    for (int i = 0; i < 30_000; i++) {
      now = second;
      final List<Measurement> batch = new ArrayList<>();
      for (int k = 0; k < keys.size(); k++) {
        if (random.nextInt(5) > 0) {
          final double value = random.nextGaussian() * Math.pow(10, random.nextInt(6));
          batch.add(new Measurement(series(keys.get(k)), value));
          models.get(k).put(second, value);
        }
      }
      store.append(second, batch);
      final int what = random.nextInt(4_000);
      if (what == 0) {
        reopen();
      } else if (what < 10) {
        store.pack();
      }
      // Now and then nothing is measured, or the clock goes back a little.
      second += what < 20 ? random.nextInt(4_000) : what < 40 ? -random.nextInt(50) : 1;
    }
    // The last minute is summed up once it is over.
    now = second = Resolution.HOUR.floor(second) + 7_200;
    store.append(second, List.of());
    reopen();
    for (int k = 0; k < keys.size(); k++) {
      for (final int step : new int[] {1, 7, 60, 300, 3_600, 7_200}) {
        final long from = step < 60 ? now - 3_600 : now - 13 * 86_400 + random.nextInt(9_000);
        assertThat(store.query(keys.get(k), from, now, step))
            .as("seed %d, %s in steps of %d s", seed, keys.get(k), step)
            .isEqualTo(models.get(k).query(from, now, step));
      }
    }
  }

  @Test
  void makesStepsLongerWhereFineOnesAreGone() {
    for (int i = 0; i < 3_700; i++) {
      append(CPU, START + i, i);
    }
    append(CPU, START + 3 * 3_600, 1);
    assertThat(store.query(CPU, START, START + 120, 1))
        .containsExactly(
            new Point(START, 60, 0, 59, 59 * 30, 59, 60),
            new Point(START + 60, 60, 60, 119, 59 * 30 + 3_600, 119, 60));
    now = START + 20 * 86_400;
    assertThat(store.query(CPU, START, START + 7_200, 1))
        .containsExactly(
            new Point(START, 3_600, 0, 3_599, 3_599 * 1_800, 3_599, 3_600),
            new Point(START + 3_600, 3_600, 3_600, 3_699, 364_950, 3_699, 100));
  }

  @Test
  void takesTimeThatGoesBackByHours() {
    for (int i = 0; i < 7_300; i++) {
      append(CPU, START + 86_400 + i, 7);
    }
    store.pack();
    store.pack();
    for (int i = 0; i < 3_700; i++) {
      append(CPU, START + i, 3);
    }
    assertThat(store.query(CPU, START, START + 3_600, 3_600))
        .containsExactly(new Point(START, 3_600, 3, 3, 3 * 3_600, 3, 3_600));
    assertThat(store.query(CPU, START + 86_400, START + 90_000, 3_600))
        .containsExactly(new Point(START + 86_400, 3_600, 7, 7, 7 * 3_600, 7, 3_600));
    assertThat(store.gauges().latePoints()).isZero();
  }

  @Test
  void takesBoundedSpaceHoweverLongItRuns() throws IOException {
    for (int day = 0; day < 800; day++) {
      for (int i = 0; i < 24; i++) {
        append(CPU, START + day * 86_400L + i * 3_600L, day);
      }
      if (day % 7 == 0) {
        store.pack();
      }
    }
    assertThat(files("second")).isEqualTo(Resolution.SECOND.maxSegments());
    assertThat(files("minute")).isEqualTo(Resolution.MINUTE.maxSegments());
    assertThat(files("hour")).isEqualTo(Resolution.HOUR.maxSegments());
    // 13 months of hours are there.
    assertThat(store.query(CPU, now - 396L * 86_400, now, 3_600))
        .hasSize(396 * 24)
        .allSatisfy(
            point -> assertThat((long) point.last()).isEqualTo((point.second() - START) / 86_400));
  }

  private long files(final String level) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(level))) {
      return files.count();
    }
  }

  @Test
  void refusesSeriesBeyondTheirNumberUntilOneIsDead() {
    for (int i = 0; i < 10; i++) {
      append(SeriesKey.parse("s" + i), START + i, i);
    }
    final SeriesKey more = SeriesKey.parse("more");
    assertThat(store.series(more)).isNull();
    assertThat(store.gauges().refusedSeries()).isEqualTo(1);
    for (int i = 1; i < 10; i++) {
      append(SeriesKey.parse("s" + i), START + 3_605, i);
    }
    append(more, START + 3_606, 1);
    assertThat(store.list(Selector.parse("s*"))).hasSize(9);
    reopen();
    assertThat(store.list(Selector.ALL))
        .extracting(series -> series.key().name())
        .containsExactly("more", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9");
    // One that comes back begins anew.
    now = START + 2 * 3_605;
    append(SeriesKey.parse("s0"), now, 5);
    assertThat(store.query(SeriesKey.parse("s0"), START, now + 1, 60)).isEmpty();
    assertThat(store.query(SeriesKey.parse("s0"), now - 10, now + 1, 1))
        .containsExactly(new Point(now, 1, 5, 5, 5, 5, 1));
  }

  @Test
  void leavesOutWhatIsNoNumber() {
    append(CPU, START, Double.NaN);
    append(CPU, START + 1, Double.POSITIVE_INFINITY);
    append(CPU, START + 2, 0);
    assertThat(store.query(CPU, START, START + 10, 1))
        .containsExactly(new Point(START + 2, 1, 0, 0, 0, 0, 1));
  }

  @Test
  void takesHistoryInPlaceOfWhatWasThere() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 20 * 24; i++) {
      append(CPU, START + i * 3_600L, 1);
    }
    store.pack();
    store.pack();
    final SeriesKey other = SeriesKey.parse("other");
    final SeriesModel model = new SeriesModel();
    final List<Sample> samples = new ArrayList<>();
    for (long at = now - 380L * 86_400; at < now - 7_200; at += 300) {
      final Sample sample = new Sample(at, random.nextInt(1_000));
      samples.add(sample);
      model.put(at, sample.value());
    }
    final Sample replaced = new Sample(START + 86_400, 9);
    store.importHistory(Map.of(other, samples, CPU, List.of(replaced)));
    reopen();
    final long minutes = now - 13 * 86_400;
    assertThat(store.query(other, minutes, now, 60))
        .as("seed %d", seed)
        .isEqualTo(model.query(minutes, now, 60));
    assertThat(store.query(other, now - 390L * 86_400, now, 3_600))
        .as("seed %d", seed)
        .isEqualTo(model.query(now - 390L * 86_400, now, 3_600));
    assertThat(store.query(CPU, START + 82_800, START + 93_600, 3_600))
        .containsExactly(
            new Point(START + 82_800, 3_600, 1, 1, 1, 1, 1),
            new Point(START + 86_400, 3_600, 9, 9, 9, 9, 1),
            new Point(START + 90_000, 3_600, 1, 1, 1, 1, 1));
  }

  @Test
  void refusesHistoryThatItCannotKeepAndTakesNothing() {
    now = START;
    final Sample good = new Sample(START - 60, 1);
    final SeriesKey other = SeriesKey.parse("other");
    for (final Sample bad :
        List.of(
            new Sample(START - 400L * 86_400, 1),
            new Sample(START + 2 * 86_400, 1),
            new Sample(START, Double.NaN))) {
      assertThatThrownBy(() -> store.importHistory(Map.of(CPU, List.of(good), other, List.of(bad))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("other ");
    }
    assertThat(store.list(Selector.ALL)).isEmpty();
  }

  @Test
  void goesOnWithoutADamagedFile() throws IOException {
    for (int i = 0; i < 3 * 14_400; i += 30) {
      append(CPU, START + i, 5);
    }
    store.pack();
    store.pack();
    store.close();
    final Path file;
    try (Stream<Path> files = Files.list(folder.resolve("minute"))) {
      file = files.sorted().findFirst().orElseThrow();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1);
    }
    open();
    final long damaged = Long.parseLong(file.getFileName().toString().replace(".segment", ""));
    final List<Long> left = new ArrayList<>();
    for (long at = START; at < now / 60 * 60; at += 60) {
      if (at < damaged || at >= damaged + Resolution.MINUTE.segmentSeconds()) {
        left.add(at);
      }
    }
    assertThat(store.query(CPU, START, now, 60)).extracting(Point::second).isEqualTo(left);
    assertThat(Path.of(file + ".damaged")).exists();
  }

  @Test
  void isOfOneProcess() {
    assertThatThrownBy(() -> SeriesStore.open(folder, 10, () -> now))
        .isInstanceOf(SeriesException.class)
        .hasMessageContaining("is used by another process");
  }
}
