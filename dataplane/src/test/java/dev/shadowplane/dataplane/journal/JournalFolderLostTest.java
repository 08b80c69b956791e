package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.pcap.CaptureTool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder is removed, its file system unmounted or read-only, while the journal is written. */
class JournalFolderLostTest {
  private static final int QUEUES = 2;
  private static final int FRAMES = 200;
  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long START_MS = TestFrames.START_NS / 1_000_000;

  @TempDir private Path temporary;
  private Path mounted = Path.of("");
  private boolean mount;
  private long sent;

  @AfterEach
  void unmount() throws Exception {
    if (mount) {
      CaptureTool.lines("umount", "--lazy", mounted.toString());
    }
  }

  private void mount(String... arguments) throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    mounted = temporary.resolve("disk");
    Files.createDirectories(mounted);
    CaptureTool.lines(
        Stream.concat(Stream.of("mount"), Stream.concat(Stream.of(arguments), Stream.of(mounted)))
            .map(Object::toString)
            .toArray(String[]::new));
    mount = true;
  }

  private void journal(TestJournal journal) {
    for (int queue = 0; queue < QUEUES; queue++) {
      journal.journal(queue, sent, sent + FRAMES);
      sent += FRAMES;
    }
  }

  private static void look(TestJournal journal) {
    journal.nowNs += LOOK_NS;
    journal.helper.doWork();
    journal.drain();
  }

  private static void retry(TestJournal journal) {
    journal.nowNs += TestJournal.RETRY_NS;
    journal.drain();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private static void assertStopped(TestJournal journal, String reason) {
    assertThat(journal.ledger.states).containsExactly(JournalState.RUNNING, JournalState.STOPPED);
    assertThat(journal.ledger.reason).matches(reason).isEqualTo(journal.writer.stopReason());
    assertThat(journal.ledger.reason.lines()).hasSize(1);
  }

  private void assertCounted(TestJournal journal, long failed) {
    assertThat(journal.ledger.failed()).isEqualTo(failed);
    assertThat(journal.ledger.journaled() + failed).isEqualTo(sent);
  }

  private void removed(Path folder, Path removed) throws IOException {
    try (TestJournal journal = new TestJournal(folder, START_MS, QUEUES)) {
      journal(journal);
      delete(removed);
      look(journal);
      assertStopped(
          journal,
          "\\Q" + folder + "\\E: journal stopped: .*[.]cq4 is no longer there, .*; it resumes by itself");
      long before = sent;
      journal(journal);
      assertCounted(journal, sent - before);
      assertThat(journal.ledger.states).hasSize(2);

      retry(journal);
      assertThat(journal.writer.state()).isEqualTo(JournalState.RUNNING);
      long resumed = sent;
      journal(journal);
      assertCounted(journal, resumed - before);
      look(journal);
      assertThat(journal.ledger.states).hasSize(3);
      // The folder is ours again, for another writer too.
      assertThatThrownBy(() -> new TestJournal(folder)).hasMessageContaining("has a writer");
      assertThat(TestJournal.numbers(folder)).containsAll(TestJournal.range(resumed, sent));
    }
  }

  @Test
  void aQueueIsRemoved() throws IOException {
    Path folder = temporary.resolve("journal");
    removed(folder, folder.resolve("1"));
  }

  @Test
  void theWholeJournalIsRemoved() throws IOException {
    Path folder = temporary.resolve("journal");
    removed(folder, folder);
    assertThat(TestJournal.numbers(folder))
        .containsExactlyInAnyOrderElementsOf(TestJournal.range(sent - QUEUES * FRAMES, sent));
  }

  @Test
  void theFileSystemIsUnmountedAndAnotherMountedInItsPlace() throws Exception {
    mount("-t", "tmpfs", "-o", "size=64m", "tmpfs");
    Path folder = mounted.resolve("journal");
    try (TestJournal journal = new TestJournal(folder, START_MS, QUEUES)) {
      journal(journal);
      CaptureTool.lines("umount", "--lazy", mounted.toString());
      mount = false;
      look(journal);
      assertStopped(journal, ".*: journal stopped: .*[.]cq4 is no longer there, .*");
      long before = sent;
      journal(journal);
      retry(journal);
      assertThat(journal.writer.state()).as("below the mount").isEqualTo(JournalState.STOPPED);
      assertThat(folder).doesNotExist();
      journal(journal);
      assertCounted(journal, sent - before);

      mount("-t", "tmpfs", "-o", "size=64m", "tmpfs");
      retry(journal);
      assertThat(journal.writer.state()).isEqualTo(JournalState.RUNNING);
      long resumed = sent;
      journal(journal);
      assertCounted(journal, resumed - before);
      assertThat(TestJournal.numbers(folder))
          .containsExactlyInAnyOrderElementsOf(TestJournal.range(resumed, sent));
    }
  }

  /** As ext4 does by itself behind an error of its device. */
  @Test
  void theFileSystemTurnsReadOnly() throws Exception {
    Path image = temporary.resolve("image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(64 << 20);
    }
    CaptureTool.lines("mkfs.ext4", "-q", "-F", image.toString());
    mount("-o", "loop,errors=remount-ro", image.toString());
    List<String> device =
        CaptureTool.lines("findmnt", "--noheadings", "--output", "SOURCE", mounted.toString());
    Path folder = mounted.resolve("journal");
    try (TestJournal journal = new TestJournal(folder, START_MS, QUEUES)) {
      journal(journal);
      Files.writeString(
          Path.of(
              "/sys/fs/ext4",
              Path.of(device.getFirst()).getFileName().toString(),
              "trigger_fs_error"),
          "test");
      look(journal);
      assertStopped(journal, ".*: journal stopped: .*[.]cq4: Read-only file system, .*");
      long before = sent;
      journal(journal);
      retry(journal);
      assertThat(journal.writer.state()).isEqualTo(JournalState.STOPPED);
      journal(journal);
      assertCounted(journal, sent - before);
      assertThat(journal.ledger.states).hasSize(2);
    }
  }
}
