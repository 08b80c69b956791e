package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalWriterTest {
  private static final int ALLOCATION_FRAMES = 100_000;

  @TempDir private Path folder;

  @Test
  void nothingIsAllocatedAFrame() throws IOException {
    try (TestJournal journal = new TestJournal(folder)) {
      journal.journal(0, ALLOCATION_FRAMES);
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      journal.journal(0, ALLOCATION_FRAMES);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      // A new window on the file, each 64 MiB, and code that is still interpreted cost something.
      assertThat(allocated).isLessThan(ALLOCATION_FRAMES);
      assertThat(journal.ledger.journaled()).isEqualTo(2 * ALLOCATION_FRAMES);
    }
  }

  @Test
  void readersFollowAWriterAndItsSuccessors() throws IOException {
    List<Long> seen = new ArrayList<>();
    TestFrames frames = new TestFrames();
    try (TestJournal journal = new TestJournal(folder)) {
      journal.journal(0, 10);
      try (JournalReader reader =
          new JournalReader(JournalQuery.of(folder).following(), new JournalEvents() {})) {
        for (int part = 1; part <= 3; part++) {
          while (reader.next()) {
            seen.add(frames.check(reader));
          }
          assertThat(seen).isEqualTo(TestJournal.range(0, part * 10L));
          journal.journal(part * 10L, part * 10L + 10);
        }
      }
    }
    try (TestJournal journal = new TestJournal(folder)) {
      journal.journal(40, 50);
    }
    assertThat(TestJournal.numbers(folder)).isEqualTo(TestJournal.range(0, 50));
    assertThat(TestJournal.numbers(folder, TestFrames.timestampNs(5), TestFrames.timestampNs(45)))
        .isEqualTo(TestJournal.range(5, 45));
  }

  @Test
  void eachWorkerHasAQueueOfItsOwn() throws IOException {
    try (TestJournal journal = new TestJournal(folder, TestFrames.START_NS / 1_000_000, 3)) {
      journal.journal(2, 0, 100);
      journal.journal(0, 100, 150);
      journal.journal(2, 150, 200);
      assertThat(journal.ledger.journaled()).isEqualTo(200);
    }
    assertThat(TestJournal.numbers(folder))
        .containsExactlyInAnyOrderElementsOf(TestJournal.range(0, 200));
    assertThat(JournalFiles.queues(folder).keySet()).containsExactly(0, 1, 2);
    assertThat(JournalFiles.list(folder.resolve("1"))).as("of a worker without frames").isEmpty();
    Files.createDirectory(folder.resolve("02"));
    Files.createDirectory(folder.resolve("other"));
    Files.writeString(folder.resolve("7"), "");
    Files.move(folder.resolve("0"), folder.resolve("kept"));
    List<Long> expected = TestJournal.range(0, 100);
    expected.addAll(TestJournal.range(150, 200));
    assertThat(TestJournal.numbers(folder)).isEqualTo(expected);
  }

  @Test
  void anotherVersionIsRefused() throws IOException {
    Files.writeString(folder.resolve("20260101-0000.cq4"), "");
    String refusal =
        folder
            + ": holds a journal of version 1, this program reads and writes version 2: move it"
            + " away or name another folder";
    assertThatThrownBy(() -> new TestJournal(folder)).hasMessage(refusal);
    assertThatThrownBy(() -> TestJournal.numbers(folder)).hasMessage(refusal);
  }

  @Test
  void everyFileDescribesItself() throws IOException {
    Map<Integer, String> rules = Map.of(1, "web", 2, "é");
    List<Path> files;
    try (TestJournal journal = new TestJournal(folder)) {
      journal.writer.rules(rules);
      for (int file = 0; file < 3; file++) {
        journal.journal(file * 10L, file * 10L + 10);
        journal.epochMs += TimeUnit.MINUTES.toMillis(5);
      }
    }
    try (Stream<Path> all = Files.list(folder.resolve("0"))) {
      files = all.filter(file -> file.toString().endsWith(".cq4")).sorted().toList();
    }
    // Closing writes the last counters, by then into a fourth file.
    assertThat(files).hasSize(4);
    assertThat(TestJournal.numbers(folder)).isEqualTo(TestJournal.range(0, 30));
    Files.delete(files.getFirst());
    List<JournalSession> sessions = new ArrayList<>();
    List<Map<Integer, String>> names = new ArrayList<>();
    JournalEvents events =
        new JournalEvents() {
          @Override
          public void session(JournalSession session) {
            sessions.add(session);
          }

          @Override
          public void rules(Map<Integer, String> ruleNames) {
            names.add(ruleNames);
          }
        };
    try (JournalReader reader = new JournalReader(folder, 0, Long.MAX_VALUE, events)) {
      assertThat(reader.next()).isTrue();
      assertThat(new TestFrames().check(reader)).isEqualTo(10);
      assertThat(reader.session())
          .isEqualTo(new JournalSession(TestFrames.START_NS, 2_000, TestFrames.PORTS));
      assertThat(sessions).hasSize(1);
      assertThat(names).containsExactly(rules);
    }
  }

  @Test
  void frameCannotBeJournaledTwiceByTwoWriters() throws IOException {
    try (TestJournal first = new TestJournal(folder)) {
      assertThatThrownBy(() -> new TestJournal(folder))
          .isInstanceOf(JournalException.class)
          .hasMessageStartingWith(folder + ": the journal already has a writer: end it ('fuser ");
      first.journal(0, 10);
    }
    try (TestJournal second = new TestJournal(folder)) {
      second.journal(10, 20);
    }
    assertThat(TestJournal.numbers(folder)).isEqualTo(TestJournal.range(0, 20));
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedWithTheRemedy() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    for (Path bad : List.of(file, file.resolve("below"), Path.of("/proc/journal"))) {
      assertThatThrownBy(() -> new TestJournal(bad))
          .isInstanceOf(JournalException.class)
          .hasMessageMatching(
              "\\Q"
                  + bad
                  + "\\E: the journal folder cannot be written \\(.+\\): give a folder that"
                  + " user \\w+ may write, on a writable file system with space");
    }
  }

  @Test
  void chronicleMustBeToldToKeepQuiet() throws IOException {
    try (TestJournal journal = new TestJournal(folder)) {
      journal.journal(0, 1);
    }
    for (String property : List.of("chronicle.analytics.disable", "chronicle.announcer.disable")) {
      assertThat(System.setProperty(property, "false")).isEqualTo("true");
      try {
        String message =
            folder + ": refusing to open the journal: start the JVM with -D" + property + "=true";
        assertThatThrownBy(() -> new TestJournal(folder)).hasMessageStartingWith(message);
      } finally {
        System.setProperty(property, "true");
      }
    }
  }

  @Test
  void optionsOutOfRangeAreNamed() {
    JournalOptions good = JournalOptions.of(folder, 1, TestFrames.PORTS);
    assertThat(good.snapLengthBytes()).isEqualTo(JournalRing.MAX_FRAME_BYTES);
    assertThatThrownBy(() -> JournalOptions.of(folder, 1, List.of()))
        .hasMessage("journal ports is 0: 1 to 1024");
    assertThatThrownBy(() -> new JournalOptions(folder, 1, good.ports(), 0, 1, 1 << 20, 0, 1, 1, good.retention()))
        .hasMessage("journal snapLengthBytes is 0: 1 to 262144");
    assertThatThrownBy(() -> new JournalOptions(folder, 1, good.ports(), 1, 1, 1 << 18, 0, 1, 1, good.retention()))
        .hasMessage("journal batchBytes is 262144: 524288 to 4194304");
    JournalPort port = TestFrames.PORTS.getFirst();
    assertThatThrownBy(() -> JournalOptions.of(folder, 1, List.of(port, port)))
        .hasMessage("journal port index 0 is used twice");
    assertThatThrownBy(() -> new JournalPort(65_536, "x", 1)).hasMessageContaining("0 to 65535");
  }
}
