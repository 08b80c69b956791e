package dev.shadowplane.control.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.template.ShadowSpec.Replication.Mode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.Random;
import java.util.Scanner;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real folders, step by step. */
@Timeout(60)
class FileReplicaTest {
  private static final int WAIT_MS = 50;

  @TempDir private Path folder;
  private Path from;
  private Path to;
  private Progress progress;

  @BeforeEach
  void makeFolders() throws IOException {
    from = Files.createDirectory(folder.resolve("from"));
    to = folder.resolve("to");
    progress = new Progress(config(Mode.EVENT), new SystemEpochNanoClock());
  }

  private ReplicationConfig config(final Mode mode) {
    return new ReplicationConfig("shop", mode, from, to, null, 100);
  }

  private static TreeEntry entry(final Path path) throws IOException {
    return Objects.requireNonNull(TreeEntry.of(path));
  }

  private FileReplica open(final Mode mode) throws IOException {
    final ReplicationConfig config = config(mode);
    config.check();
    progress = new Progress(config, new SystemEpochNanoClock());
    return new FileReplica(config, progress);
  }

  /** Until all that was committed before is there. */
  private void reach(final FileReplica replica) throws Exception {
    Trees.await(
        "barrier",
        () -> {
          try {
            return replica.step(WAIT_MS, true);
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void makesTheTargetEqualAfterEachOfManyChanges(final Mode mode) throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    try (FileReplica replica = open(mode)) {
      for (int round = 0; round < 60; round++) {
        for (int i = random.nextInt(12); i >= 0; i--) {
          Trees.change(from, random);
        }
        reach(replica);
        assertThat(Trees.of(to)).as("seed %d, round %d", seed, round).isEqualTo(Trees.of(from));
      }
      assertThat(progress.status().state()).isEqualTo("in-step");
      assertThat(progress.status().resyncs()).isEqualTo(mode == Mode.EVENT ? 1 : 60);
    }
  }

  @Test
  void goesOnWhereItWasLeft() throws Exception {
    for (int i = 0; i < 20; i++) {
      Files.writeString(from.resolve("file" + i), "contents " + i);
    }
    try (FileReplica replica = open(Mode.DIFFERENTIAL)) {
      reach(replica);
      assertThat(progress.status().changes()).isEqualTo(20);
    }
    Files.writeString(from.resolve("file3"), "contents three");
    Files.delete(from.resolve("file4"));
    try (FileReplica replica = open(Mode.DIFFERENTIAL)) {
      reach(replica);
      assertThat(progress.status().changes()).isEqualTo(2);
      assertThat(progress.status().bytes()).isEqualTo("contents three".length());
    }
    assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
  }

  @Test
  void findsChangesThatTimesAndSizesHide() throws Exception {
    final Path file = Files.writeString(from.resolve("file"), "before");
    final FileTime time = Files.getLastModifiedTime(file);
    try (FileReplica replica = open(Mode.DIFFERENTIAL)) {
      reach(replica);
      Files.writeString(file, "after!");
      Files.setLastModifiedTime(file, time);
      reach(replica);
      assertThat(to.resolve("file")).hasContent("after!");
    }
  }

  @Test
  void putsRightWhatWasChangedInTheTarget() throws Exception {
    Files.writeString(from.resolve("file"), "contents");
    Files.createDirectory(from.resolve("sub"));
    Files.writeString(from.resolve("sub/file"), "contents");
    final Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    try (FileReplica replica = open(Mode.FULL)) {
      reach(replica);
      final FileTime time = Files.getLastModifiedTime(to.resolve("file"));
      Files.writeString(to.resolve("file"), "CONTENTS");
      Files.setLastModifiedTime(to.resolve("file"), time);
      Files.writeString(to.resolve("more"), "more");
      Trees.delete(to.resolve("sub"));
      Files.createSymbolicLink(to.resolve("sub"), elsewhere);
      reach(replica);
    }
    assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void renamesFoldersInsteadOfCopyingThem() throws Exception {
    Files.createDirectories(from.resolve("a/b"));
    Files.writeString(from.resolve("a/b/file"), "contents");
    try (FileReplica replica = open(Mode.EVENT)) {
      reach(replica);
      final TreeEntry before = entry(to.resolve("a/b/file"));
      final long bytes = progress.status().bytes();
      Files.move(from.resolve("a"), from.resolve("c"));
      Files.writeString(from.resolve("c/b/other"), "more");
      reach(replica);
      assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
      assertThat(entry(to.resolve("c/b/file")).inode()).isEqualTo(before.inode());
      assertThat(progress.status().bytes() - bytes).isEqualTo(4);
      Files.move(from.resolve("c"), folder.resolve("away"));
      Files.writeString(folder.resolve("away/b/other"), "unseen");
      Files.createDirectory(from.resolve("c"));
      reach(replica);
      assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
    }
  }

  @Test
  void bringsOnlyWhatWasAddedToALongFile() throws Exception {
    final Path log = from.resolve("log");
    final byte[] block = new byte[1 << 20];
    new Random(7).nextBytes(block);
    for (int i = 0; i < 8; i++) {
      Files.write(log, block, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    try (FileReplica replica = open(Mode.EVENT)) {
      reach(replica);
      final long bytes = progress.status().bytes();
      Files.writeString(log, "one line more\n", StandardOpenOption.APPEND);
      reach(replica);
      assertThat(progress.status().bytes() - bytes).isEqualTo(14);
      assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
      try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
        file.seek(5_000);
        file.write(1);
        file.seek(file.length());
        file.write(2);
      }
      reach(replica);
      assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
    }
  }

  /** Nobody closes the file. */
  @Test
  void bringsWhatIsWrittenToAFileThatStaysOpen() throws Exception {
    try (FileReplica replica = open(Mode.EVENT);
        FileChannel file =
            FileChannel.open(
                from.resolve("log"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      reach(replica);
      file.write(ByteBuffer.wrap(new byte[] {'a'}));
      Trees.await("the first byte", () -> stepped(replica, "a"));
      file.write(ByteBuffer.wrap(new byte[] {'b'}));
      Trees.await("the second byte", () -> stepped(replica, "ab"));
    }
  }

  private boolean stepped(final FileReplica replica, final String contents) {
    try {
      replica.step(WAIT_MS, false);
      return Files.exists(to.resolve("log"))
          && Files.readString(to.resolve("log")).equals(contents);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void comparesEverythingWhenEventsWereLost() throws Exception {
    final int limit;
    // Kernel settings are read at once or not at all.
    try (Scanner queue =
        new Scanner(Path.of("/proc/sys/fs/inotify/max_queued_events"), StandardCharsets.UTF_8)) {
      limit = queue.nextInt();
    }
    try (FileReplica replica = open(Mode.EVENT)) {
      reach(replica);
      // Each is two events, of different files, so that none stands for another.
      final Path one = Files.writeString(from.resolve("one"), "1");
      final Path two = Files.writeString(from.resolve("two"), "2");
      for (int i = 0; i < limit; i++) {
        final FileTime time = FileTime.fromMillis(i);
        Files.setLastModifiedTime(one, time);
        Files.setLastModifiedTime(two, time);
      }
      Files.createDirectory(from.resolve("late"));
      Files.writeString(from.resolve("late/file"), "after the overflow");
      reach(replica);
      assertThat(progress.status().overflows()).isEqualTo(1);
      assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
      Files.writeString(from.resolve("late/file"), "and on");
      reach(replica);
      assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
    }
  }

  @Test
  void refusesLinksThatLeadOutOfTheFolder() throws Exception {
    Files.createDirectory(from.resolve("sub"));
    Files.createSymbolicLink(from.resolve("sub/within"), Path.of("../file"));
    Files.createSymbolicLink(from.resolve("sub/out"), Path.of("../../to"));
    Files.createSymbolicLink(from.resolve("absolute"), Path.of("/etc/passwd"));
    try (FileReplica replica = open(Mode.EVENT)) {
      reach(replica);
      assertThat(Trees.of(to)).containsOnlyKeys("sub", "sub/within");
      assertThat(progress.status().state()).isEqualTo("in-step");
      assertThat(progress.status().refused()).isEqualTo(2);
      assertThat(progress.status().refusals())
          .containsExactlyInAnyOrder(
              "sub/out: the link leads out of the folder, to ../../to",
              "absolute: the link leads out of the folder, to /etc/passwd");
      Files.delete(from.resolve("absolute"));
      Files.writeString(from.resolve("absolute"), "a file");
      reach(replica);
      assertThat(progress.status().refused()).isEqualTo(1);
      assertThat(to.resolve("absolute")).hasContent("a file");
    }
  }

  @Test
  void changesNothingWhenTheSourceIsGone() throws Exception {
    Files.writeString(from.resolve("file"), "contents");
    try (FileReplica replica = open(Mode.EVENT)) {
      reach(replica);
      Files.move(from, folder.resolve("gone"));
      Trees.await(
          "loss",
          () -> {
            try {
              replica.step(WAIT_MS, false);
              return false;
            } catch (IOException e) {
              assertThat(e).hasMessageContaining("there is no folder " + from);
              return true;
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(to.resolve("file")).hasContent("contents");
      Files.move(folder.resolve("gone"), from);
      Files.writeString(from.resolve("file"), "more");
      reach(replica);
      assertThat(to.resolve("file")).hasContent("more");
    }
  }

  @Test
  void letsNoTwoWriteToOneTarget() throws Exception {
    try (FileReplica replica = open(Mode.EVENT)) {
      reach(replica);
      assertThatThrownBy(() -> open(Mode.EVENT))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is the target of another replication");
    }
  }

  /** What cannot be used of the manifest is found by comparing contents. */
  @Test
  void needsNoManifest() throws Exception {
    Files.writeString(from.resolve("file"), "contents");
    try (FileReplica replica = open(Mode.DIFFERENTIAL)) {
      reach(replica);
    }
    Files.writeString(to.resolve(TargetFolder.OWN).resolve("manifest"), "damaged");
    Files.writeString(from.resolve("other"), "contents");
    try (FileReplica replica = open(Mode.DIFFERENTIAL)) {
      reach(replica);
      assertThat(progress.status().bytes()).isEqualTo("contents".length());
    }
    assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
  }

  @Test
  void measuresFromTheCommitUntilItIsVisible() throws Exception {
    try (FileReplica replica = open(Mode.EVENT)) {
      Files.writeString(from.resolve("old"), "not measured");
      reach(replica);
      assertThat(progress.status().measured()).isZero();
      Files.writeString(from.resolve("file"), "measured");
      reach(replica);
      final long kernel =
          entry(to.resolve("file")).changedNs() - entry(from.resolve("file")).changedNs();
      assertThat(progress.status().measured()).isEqualTo(1);
      assertThat(progress.status().maxNs())
          .isGreaterThanOrEqualTo(kernel - 20_000_000)
          .isLessThan(60_000_000_000L);
    }
  }
}
