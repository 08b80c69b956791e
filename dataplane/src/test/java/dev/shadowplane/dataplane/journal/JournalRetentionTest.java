package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five files in each of two queues, a hundred frames in each file. */
class JournalRetentionTest {
  private static final int FILES = 5;
  private static final int FRAMES = 100;
  private static final long CYCLE_MS = TimeUnit.MINUTES.toMillis(5);
  private static final long START_MS = TestFrames.START_NS / 1_000_000 / CYCLE_MS * CYCLE_MS;

  @TempDir private Path folder;

  private static void fill(TestJournal journal) {
    for (int file = 0; file < FILES; file++) {
      journal.epochMs = START_MS + file * CYCLE_MS;
      journal.journal(0, file * 2L * FRAMES, file * 2L * FRAMES + FRAMES);
      journal.journal(1, file * 2L * FRAMES + FRAMES, (file + 1L) * 2 * FRAMES);
    }
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path queue : JournalFiles.queues(folder).values()) {
      files.addAll(JournalFiles.list(queue).values());
    }
    return files;
  }

  private long bytes() throws IOException {
    long bytes = 0;
    for (Path file : files()) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  private void assertFramesFrom(long first) throws IOException {
    assertThat(TestJournal.numbers(folder))
        .containsExactlyInAnyOrderElementsOf(TestJournal.range(first, FILES * 2L * FRAMES));
  }

  @Test
  void theOldestFilesOfAllQueuesGoFirst() throws IOException {
    try (TestJournal journal = new TestJournal(folder, START_MS, 2)) {
      fill(journal);
      journal.helper.doWork();
      assertThat(journal.retained.files).as("without limits").isZero();
    }
    long all = bytes();
    long first = Files.size(JournalFiles.list(folder.resolve("0")).firstEntry().getValue());
    // Room for all but the first file of the first queue.
    try (TestJournal journal =
        new TestJournal(
            folder,
            START_MS + (FILES - 1) * CYCLE_MS,
            2,
            new JournalOptions.Retention(all - 1, Long.MAX_VALUE))) {
      JournalRetention retention =
          new JournalRetention(
              folder, new JournalOptions.Retention(all - 1, Long.MAX_VALUE), 2, journal.retained);
      journal.close();
      retention.apply(journal.epochMs);
      assertThat(journal.retained.files).isEqualTo(1);
      assertThat(journal.retained.bytes).isEqualTo(first);
      assertThat(journal.retained.bytesLeft).isEqualTo(bytes());
    }
    assertFramesFrom(FRAMES);
  }

  @Test
  void nothingInUseIsDeletedAndReadersKeepWhatTheyHave() throws IOException {
    TestFrames frames = new TestFrames();
    List<Long> seen = new ArrayList<>();
    try (TestJournal journal =
        new TestJournal(folder, START_MS, 2, new JournalOptions.Retention(1, Long.MAX_VALUE))) {
      fill(journal);
      try (JournalReader reader =
          new JournalReader(folder, Long.MIN_VALUE, Long.MAX_VALUE, new JournalEvents() {})) {
        assertThat(reader.next()).isTrue();
        seen.add(frames.check(reader));
        journal.helper.doWork();
        assertThat(files()).hasSize(2);
        assertThat(journal.retained.files).isEqualTo(2 * (FILES - 1));
        while (seen.size() < FRAMES && reader.next()) {
          seen.add(frames.check(reader));
        }
      }
      assertThat(seen).as("of the file that was open").hasSize(FRAMES).doesNotHaveDuplicates();
      journal.journal(0, FILES * 2L * FRAMES, FILES * 2L * FRAMES + 10);
      assertThat(journal.ledger.failed()).isZero();
      assertThat(journal.retained.failures).isEmpty();
    }
    List<Long> expected = TestJournal.range((FILES - 1) * 2L * FRAMES, FILES * 2L * FRAMES + 10);
    assertThat(TestJournal.numbers(folder)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void filesGoWhenTheirLastFrameIsTooOldToKeep() throws IOException {
    try (TestJournal journal =
        new TestJournal(folder, START_MS, 2, new JournalOptions.Retention(Long.MAX_VALUE, 1_000))) {
      fill(journal);
      // The second file from the end has ended right now; what it holds is not 1,000 ms old yet.
      journal.helper.doWork();
      assertThat(files()).hasSize(4);
      journal.epochMs += 1_001;
      journal.nowNs += TimeUnit.SECONDS.toNanos(1);
      journal.helper.doWork();
      assertThat(files()).hasSize(2);
      // However old, what is in use stays.
      journal.epochMs += 10 * CYCLE_MS;
      journal.nowNs += TimeUnit.SECONDS.toNanos(1);
      journal.helper.doWork();
      assertThat(files()).hasSize(2);
      assertThat(journal.retained.files).isEqualTo(2 * FILES - 2);
    }
    assertFramesFrom((FILES - 1) * 2L * FRAMES);
  }

  @Test
  void queuesOfWorkersThatAreNoMoreAreDeletedWhole() throws IOException {
    try (TestJournal journal = new TestJournal(folder, START_MS, 2)) {
      fill(journal);
    }
    try (TestJournal journal =
        new TestJournal(
            folder,
            START_MS + FILES * CYCLE_MS,
            1,
            new JournalOptions.Retention(1, Long.MAX_VALUE))) {
      journal.journal(10_000, 10_010);
      journal.helper.doWork();
      assertThat(JournalFiles.list(folder.resolve("1"))).isEmpty();
    }
    assertThat(TestJournal.numbers(folder)).isEqualTo(TestJournal.range(10_000, 10_010));
  }
}
