package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.journal.StampedJournal.Stamped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalMergeTest {
  private static final long START_NS = TestFrames.START_NS;

  @TempDir private Path folder;
  private final List<Stamped> frames = new ArrayList<>();

  private static List<Stamped> all(List<Stamped> frames) {
    return StampedJournal.merged(frames, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  private JournalReader follow() throws JournalException {
    return new JournalReader(JournalQuery.of(folder).following(), new JournalEvents() {});
  }

  @Test
  void queuesAreMergedByTimeAndTiesByTheirNumbers() throws IOException {
    long seed = System.nanoTime();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int queues = random.nextInt(1, 7);
    long[] clocks = new long[queues];
    try (StampedJournal journal = new StampedJournal(folder, queues, START_NS, frames)) {
      for (int i = 0; i < 20_000; i++) {
        int queue = random.nextInt(queues);
        // Many ties, also within a queue; one queue is a rare guest.
        if (queue > 0 || random.nextInt(1_000) == 0) {
          clocks[queue] += random.nextInt(4);
          journal.frame(queue, START_NS + clocks[queue]);
        }
      }
    }
    assertThat(StampedJournal.read(JournalQuery.of(folder)))
        .as("seed %d", seed)
        .isEqualTo(all(frames));
  }

  @Test
  void anIdleQueueHoldsNothingUpAndComesIntoItsPlaceLater() throws IOException {
    try (StampedJournal journal = new StampedJournal(folder, 3, START_NS, frames);
        JournalReader reader = follow()) {
      assertThat(reader.next()).isFalse();
      journal.frame(1, START_NS + 10);
      journal.flush();
      List<Stamped> seen = new ArrayList<>();
      readUntil(reader, seen, 1);
      assertThat(seen).isEqualTo(frames);
      journal.frame(2, START_NS + 5);
      journal.frame(1, START_NS + 20);
      journal.frame(0, START_NS + 15);
      journal.flush();
      readUntil(reader, seen, 4);
      assertThat(StampedJournal.byNumber(seen)).isEqualTo(frames);
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void aFollowerGoesOnIntoNewFilesNewQueuesAndNewSessions() throws IOException {
    List<Stamped> seen = new ArrayList<>();
    long clock = START_NS;
    try (JournalReader reader = follow()) {
      assertThat(reader.next()).as("an empty folder").isFalse();
      for (int session = 1; session <= 3; session++) {
        try (StampedJournal journal = new StampedJournal(folder, session, clock, frames)) {
          for (int file = 0; file < 3; file++) {
            for (int i = 0; i < 700; i++) {
              journal.clock(clock);
              journal.frame(i % session, clock++);
              if (i % 100 == 0) {
                journal.flush();
                seen.addAll(StampedJournal.read(reader));
              }
            }
            clock += TimeUnit.MINUTES.toNanos(5);
          }
        }
        readUntil(reader, seen, frames.size());
      }
    }
    assertThat(StampedJournal.byNumber(seen)).isEqualTo(frames);
    for (int queue = 0; queue < 3; queue++) {
      int wanted = queue;
      assertThat(seen.stream().filter(f -> f.queue() == wanted).toList())
          .isEqualTo(frames.stream().filter(f -> f.queue() == wanted).toList());
    }
  }

  /** New files and queues are looked for at intervals. */
  private static void readUntil(JournalReader reader, List<Stamped> seen, int count)
      throws IOException {
    long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (seen.size() < count && System.nanoTime() < deadlineNs) {
      seen.addAll(StampedJournal.read(reader));
      Thread.onSpinWait();
    }
    assertThat(seen).hasSize(count);
  }

  @Test
  void aReaderBesideABusyWriterSeesEveryFrameOnceAndWhole() throws Exception {
    int count = 60_000;
    List<Stamped> seen = new ArrayList<>();
    Thread writing =
        Thread.ofPlatform()
            .start(() -> {
              try (StampedJournal journal = new StampedJournal(folder, 2, START_NS, frames)) {
                for (int i = 0; i < count; i++) {
                  journal.frame(i & 1, START_NS + i);
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    try (JournalReader reader = follow()) {
      readUntil(reader, seen, count);
    } finally {
      writing.join();
    }
    assertThat(StampedJournal.byNumber(seen)).isEqualTo(frames);
  }
}
