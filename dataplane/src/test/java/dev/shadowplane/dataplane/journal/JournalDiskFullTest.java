package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.pcap.CaptureTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a small tmpfs, which takes root to mount. */
class JournalDiskFullTest {
  private static final int DISK_BYTES = 24 << 20;
  private static final int STEP = 500;
  private static final int MAX_FRAMES = 200_000;

  @TempDir private Path temporary;
  private Path disk = Path.of("");
  private Path folder = Path.of("");
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    disk = Files.createDirectory(temporary.resolve("disk"));
    CaptureTool.lines("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "tmpfs", disk.toString());
    mounted = true;
    folder = disk.resolve("journal");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      CaptureTool.lines("umount", "--lazy", disk.toString());
    }
  }

  private Path occupy(long bytes) throws IOException {
    return Files.write(disk.resolve("other"), new byte[(int) bytes]);
  }

  private static long journalUntilStopped(TestJournal journal, long from) {
    long number = from;
    while (journal.writer.state() == JournalState.RUNNING) {
      assertThat(number).isLessThan(MAX_FRAMES);
      journal.journal(number, number + STEP);
      number += STEP;
    }
    return number;
  }

  private static void assertEveryFrameCounted(TestJournal journal, long sent) {
    for (int rule = -1; rule < TestFrames.RULES - 1; rule++) {
      int wanted = rule;
      long expected =
          TestJournal.range(0, sent).stream()
              .filter(number -> TestFrames.ruleId(number) == wanted)
              .count();
      assertThat(journal.ledger.journaledFrames[rule + 1] + journal.ledger.failedFrames[rule + 1])
          .isEqualTo(expected);
    }
  }

  @Test
  void aFullDiskStopsTheJournalUntilSpaceReturns() throws IOException {
    Path other = occupy(10 << 20);
    List<Long> journaled = new ArrayList<>();
    try (TestJournal journal = new TestJournal(folder)) {
      long sent = journalUntilStopped(journal, 0);
      journaled.addAll(TestJournal.range(0, journal.ledger.journaled()));
      assertThat(journal.ledger.states).containsExactly(JournalState.RUNNING, JournalState.STOPPED);
      assertThat(journal.ledger.reason)
          .matches(
              "\\Q"
                  + folder
                  + "\\E: journal stopped: .*[.]cq4: no space for \\d+ bytes: No space left on device,"
                  + " \\d+ bytes are free;"
                  + " it resumes by itself")
          .isEqualTo(journal.writer.stopReason());
      journal.nowNs += TestJournal.RETRY_NS;
      journal.journal(sent, sent + STEP);
      sent += STEP;
      assertThat(journal.writer.state()).isEqualTo(JournalState.STOPPED);
      assertEveryFrameCounted(journal, sent);
      assertThat(journal.ledger.journaled()).isEqualTo(journaled.size());

      Files.delete(other);
      journal.journal(sent, sent + STEP);
      sent += STEP;
      assertThat(journal.writer.state()).as("before the interval").isEqualTo(JournalState.STOPPED);
      journal.nowNs += TestJournal.RETRY_NS;
      journal.drain();
      assertThat(journal.writer.state()).isEqualTo(JournalState.RUNNING);
      assertThat(journal.writer.stopReason()).isEmpty();
      journaled.addAll(TestJournal.range(sent, sent + STEP));
      journal.journal(sent, sent + STEP);
      sent += STEP;
      assertThat(journal.ledger.states).endsWith(JournalState.STOPPED, JournalState.RUNNING);
      assertEveryFrameCounted(journal, sent);
      assertThat(journal.ledger.failed()).isEqualTo(sent - journaled.size());
    }
    assertThat(TestJournal.numbers(folder)).isEqualTo(journaled);
    Path file = temporary.resolve("out.pcapng");
    assertThat(JournalExport.toFile(folder, 0, Long.MAX_VALUE, file).frames())
        .isEqualTo(journaled.size());
  }

  /** However little there is, down to nothing at all, and wherever that makes the start fail. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 31, 32, 33, 34, 40, 300, 540})
  void aJournalMayBeginOnAFullDisk(int freePages) throws IOException {
    Path other = occupy(DISK_BYTES - freePages * 4_096);
    List<Long> journaled = new ArrayList<>();
    try (TestJournal journal = new TestJournal(folder)) {
      journal.journal(0, STEP);
      assertThat(journal.writer.state()).isEqualTo(JournalState.STOPPED);
      journaled.addAll(TestJournal.range(0, journal.ledger.journaled()));
      assertEveryFrameCounted(journal, STEP);
      Files.delete(other);
      journal.nowNs += TestJournal.RETRY_NS;
      journal.drain();
      journal.journal(STEP, 2 * STEP);
      journaled.addAll(TestJournal.range(STEP, 2 * STEP));
      assertThat(journal.ledger.states).endsWith(JournalState.STOPPED, JournalState.RUNNING);
      assertThat(journal.ledger.journaled()).isEqualTo(journaled.size());
    }
    assertThat(TestJournal.numbers(folder)).isEqualTo(journaled);
  }
}
