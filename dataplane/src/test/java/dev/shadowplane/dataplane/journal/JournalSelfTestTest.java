package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.file.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalSelfTestTest {
  @TempDir private Path folder;

  @Test
  void measuresBothAndLeavesNothing() throws IOException {
    try (TestJournal journal = new TestJournal(folder)) {
      journal.journal(0, 100);
      JournalSelfTest.Result result = JournalSelfTest.run(folder);
      assertThat(result.diskBytesPerSecond()).isPositive();
      assertThat(result.captureFramesPerSecond()).isPositive();
      assertThat(result.captureBytesPerSecond()).isPositive();
      assertThat(result.text())
          .matches(
              "the disk takes \\d+ MB/s, capture \\d+[.]\\d\\d million frames/s of 64 bytes and"
                  + " \\d+ MB/s of frames of 1500 bytes");
      journal.journal(100, 200);
    }
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("writer.lock", "0");
    }
    assertThat(TestJournal.numbers(folder)).isEqualTo(TestJournal.range(0, 200));
  }

  @Test
  void oneAtATime() throws IOException {
    Path own = Files.createDirectory(folder.resolve(".self-test"));
    try (LockFile lock = LockFile.createAndTryLock(own.resolve("lock"))) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> JournalSelfTest.run(folder))
          .hasMessage(folder + ": another self-test is running there: wait for it");
    }
    // What a killed one left is in nobody's way.
    Files.writeString(own.resolve("disk"), "left");
    assertThat(JournalSelfTest.run(folder).diskBytesPerSecond()).isPositive();
    assertThat(own).doesNotExist();
  }
}
