package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.journal.StampedJournal.Stamped;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalWindowTest {
  private static final long START_NS = TestFrames.START_NS;
  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);
  private static final int MESSAGE_BYTES =
      JournalFormat.RECORD_PREFIX_BYTES + JournalRing.FRAME_OFFSET + StampedJournal.FRAME_BYTES;

  @TempDir private Path temporary;
  private final List<Stamped> frames = new ArrayList<>();

  private Path folder() {
    return temporary.resolve("journal");
  }

  private JournalQuery window(long fromNs, long toNs) {
    return JournalQuery.of(folder()).range(fromNs, toNs);
  }

  @Test
  void aMinuteOfALongJournalIsReadWithLittleElse() throws IOException {
    long stepNs = TimeUnit.MICROSECONDS.toNanos(2_000);
    try (StampedJournal journal = new StampedJournal(folder(), 1, START_NS, frames)) {
      for (long at = START_NS; at < START_NS + 12 * MINUTE_NS; at += stepNs) {
        journal.clock(at);
        journal.frame(0, at);
      }
    }
    long journalBytes = frames.size() * (long) MESSAGE_BYTES;
    long windowBytes = MINUTE_NS / stepNs * MESSAGE_BYTES;
    for (int minute : new int[] {0, 3, 4, 7, 11}) {
      long from = START_NS + minute * MINUTE_NS;
      try (JournalReader reader =
          new JournalReader(window(from, from + MINUTE_NS), new JournalEvents() {})) {
        assertThat(StampedJournal.read(reader))
            .isEqualTo(StampedJournal.merged(frames, from, from + MINUTE_NS));
        // Of the headers around the window, one in a page; what is looked at in the index.
        assertThat(reader.readBytes()).isLessThan(windowBytes * 5 / 4 + (2 << 20));
        assertThat(reader.readBytes()).isLessThan(journalBytes / 6);
        assertThat(reader.plannedBytes()).isLessThan(journalBytes / 2);
        assertThat(reader.passedBytes()).isEqualTo(reader.plannedBytes());
      }
    }
    try (JournalReader nothing =
        new JournalReader(window(START_NS - 9, START_NS), new JournalEvents() {})) {
      assertThat(nothing.next()).isFalse();
      assertThat(nothing.readBytes()).isLessThan(2 << 20);
    }
  }

  /** Restarts, and a clock that is set forwards and backwards, by seconds or hours. */
  private void adventurous(RandomGenerator random, int queues) throws IOException {
    long clock = START_NS;
    for (int session = 0; session < 6; session++) {
      try (StampedJournal journal = new StampedJournal(folder(), queues, clock, frames)) {
        for (int spell = random.nextInt(1, 4); spell > 0; spell--) {
          long step = random.nextLong(1, TimeUnit.SECONDS.toNanos(1));
          for (int i = random.nextInt(4_000); i > 0; i--) {
            clock += step;
            journal.clock(clock);
            journal.frame(random.nextInt(queues), clock);
          }
          journal.flush();
          if (random.nextInt(3) == 0) {
            clock += random.nextLong(-60, 60) * MINUTE_NS;
            journal.clock(clock);
          }
        }
      }
      clock += random.nextLong(-30, 60) * MINUTE_NS;
    }
  }

  @Test
  void anyWindowHoldsExactlyItsFramesOverRestartsAndClockSteps() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("JournalWindowTest seed " + seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int queues = 3;
    adventurous(random, queues);
    List<Stamped> all = StampedJournal.read(JournalQuery.of(folder()));
    assertThat(StampedJournal.byNumber(all)).as("seed %d", seed).isEqualTo(frames);
    checkOrder(all, queues, seed);
    for (int round = 0; round < 40; round++) {
      Stamped any = frames.get(random.nextInt(frames.size()));
      long from = any.timestampNs() - random.nextLong(2 * MINUTE_NS);
      long to = any.timestampNs() + random.nextLong(2 * MINUTE_NS);
      List<Stamped> found = StampedJournal.read(window(from, to));
      assertThat(StampedJournal.byNumber(found))
          .as("seed %d round %d", seed, round)
          .isEqualTo(
              frames.stream()
                  .filter(f -> f.timestampNs() >= from && f.timestampNs() < to)
                  .toList());
      checkOrder(found, queues, seed);
    }
  }

  /** Whether each queue's frames are in the order of writing. */
  private static void checkOrder(List<Stamped> found, int queues, long seed) {
    for (int queue = 0; queue < queues; queue++) {
      int wanted = queue;
      assertThat(found.stream().filter(f -> f.queue() == wanted).mapToLong(Stamped::number))
          .as("seed %d", seed)
          .isSorted();
    }
  }

  @Test
  void aDamagedIndexCostsTimeAndNoFrame() throws IOException {
    try (StampedJournal journal = new StampedJournal(folder(), 1, START_NS, frames)) {
      for (long at = START_NS; at < START_NS + 2 * MINUTE_NS; at += 1_000_000) {
        journal.clock(at);
        journal.frame(0, at);
      }
    }
    try (Stream<Path> files = Files.list(folder().resolve("0"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".cq4")).toList()) {
        try (QueueFile open = new QueueFile(file, new QueueFile.ReadBuffer());
            RandomAccessFile change = new RandomAccessFile(file.toFile(), "rw")) {
          long[] positions = QueueIndex.positions(open);
          assertThat(positions).isSorted();
          assertThat(QueueIndex.writePosition(open)).isGreaterThan(positions[0]);
          change.seek(0x40f0);
          change.write(new byte[16_000]);
          open.forget();
          assertThat(QueueIndex.positions(open)).isEmpty();
        }
      }
    }
    long from = START_NS + MINUTE_NS / 2;
    JournalEvents ignored =
        new JournalEvents() {
          @Override
          public void damage(JournalException damage) {}
        };
    try (JournalReader reader = new JournalReader(window(from, from + MINUTE_NS), ignored)) {
      assertThat(StampedJournal.read(reader))
          .isEqualTo(StampedJournal.merged(frames, from, from + MINUTE_NS));
    }
  }
}
