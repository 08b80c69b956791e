package dev.shadowplane.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events of real folders. */
class InotifyTest {
  private static final int ALL =
      Inotify.CLOSE_WRITE
          | Inotify.MOVED_FROM
          | Inotify.MOVED_TO
          | Inotify.CREATE
          | Inotify.DELETE
          | Inotify.DELETE_SELF;

  @TempDir private Path folder;

  @Test
  void tellsOfTwoFoldersInTheOrderInWhichItHappened() throws IOException {
    final Path one = Files.createDirectory(folder.resolve("one"));
    final Path two = Files.createDirectory(folder.resolve("two"));
    try (Inotify inotify = new Inotify()) {
      final int first = inotify.watch(one, ALL);
      final int second = inotify.watch(two, ALL);
      assertThat(inotify.watch(one, ALL)).isEqualTo(first);
      Files.writeString(one.resolve("a"), "1");
      Files.writeString(two.resolve("b"), "2");
      Files.move(one.resolve("a"), two.resolve("c"));
      Files.createDirectory(one.resolve("d"));
      final List<String> told = new ArrayList<>();
      final List<Integer> cookies = new ArrayList<>();
      while (inotify.read(
          0,
          event -> {
            told.add(
                (event.watch() == first ? "one" : event.watch() == second ? "two" : "?")
                    + " "
                    + Integer.toHexString(event.mask())
                    + " "
                    + new String(event.name(), StandardCharsets.UTF_8));
            if (event.cookie() != 0) {
              cookies.add(event.cookie());
            }
          })) {
        assertThat(told).isNotEmpty();
      }
      assertThat(told)
          .containsExactly(
              "one 100 a",
              "one 8 a",
              "two 100 b",
              "two 8 b",
              "one 40 a",
              "two 80 c",
              "one 40000100 d");
      assertThat(cookies).hasSize(2).containsOnly(cookies.getFirst());
    }
  }

  @Test
  void endsWatches() throws IOException {
    try (Inotify inotify = new Inotify()) {
      inotify.unwatch(inotify.watch(folder, ALL));
      Files.writeString(folder.resolve("a"), "1");
      final List<Inotify.Event> told = new ArrayList<>();
      assertThat(inotify.read(0, told::add)).isTrue();
      assertThat(told).singleElement().matches(event -> event.is(Inotify.IGNORED));
      assertThat(inotify.read(0, told::add)).isFalse();
    }
  }

  @Test
  void refusesWhatIsNoFolder() throws IOException {
    final Path file = Files.writeString(folder.resolve("file"), "");
    final Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
    try (Inotify inotify = new Inotify()) {
      assertThatThrownBy(() -> inotify.watch(folder.resolve("none"), ALL))
          .isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> inotify.watch(file, ALL)).isInstanceOf(NotDirectoryException.class);
      assertThatThrownBy(() -> inotify.watch(link, ALL)).isInstanceOf(NotDirectoryException.class);
    }
  }

  @Test
  void syncsAFileSystem() throws IOException {
    Files.writeString(folder.resolve("a"), "1");
    FileSync.fileSystemOf(folder);
    assertThatThrownBy(() -> FileSync.fileSystemOf(folder.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
  }
}
