package dev.shadowplane.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.shadowplane.control.store.ConfigStore.Version;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was committed is there, whatever happens afterwards. */
class MvConfigStoreTest {
  @TempDir private Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = folder.resolve("config.mv");
  }

  @Test
  void shouldKeepValuesAndTheirHistoryOverARestart() {
    final long first;
    final long second;
    final List<Version> history;
    try (MvConfigStore store = MvConfigStore.open(file)) {
      first = store.commit(Map.of("t/a", Optional.of("one"), "t/b", Optional.of("x")));
      second = store.commit(Map.of("t/a", Optional.of("two")));
      store.commit(Map.of("t/a", Optional.empty(), "u", Optional.of("é\n\u0000")));
      history = store.history("t/a", 10);
      assertThat(history)
          .extracting(Version::revision, Version::value)
          .containsExactly(
              tuple(second + 1, Optional.empty()),
              tuple(second, Optional.of("two")),
              tuple(first, Optional.of("one")));
    }
    try (MvConfigStore store = MvConfigStore.open(file)) {
      assertThat(store.get("t/a")).isEmpty();
      assertThat(store.get("u")).contains("é\n\u0000");
      assertThat(store.list("t/")).containsExactly(Map.entry("t/b", "x"));
      assertThat(store.list("")).containsOnlyKeys("t/b", "u");
      assertThat(store.history("t/a", 10)).isEqualTo(history);
      assertThat(store.history("t/a", 2)).isEqualTo(history.subList(0, 2));
      assertThat(store.history("t", 2)).isEmpty();
      for (int i = 0; i < 3; i++) {
        final Version version = history.get(i);
        assertThat(store.getAt("t/a", version.atNs())).isEqualTo(version.value());
      }
      assertThat(store.getAt("t/a", history.get(1).atNs() - 1)).contains("one");
      assertThat(store.getAt("t/a", history.getLast().atNs() - 1)).isEmpty();
      assertThat(store.commit(Map.of("u", Optional.of("v")))).isEqualTo(second + 2);
    }
  }

  @Test
  void shouldKeepEveryCommitWhenKilled() throws IOException, InterruptedException {
    final long seed = System.nanoTime();
    System.out.println("seed " + seed);
    final Random random = new Random(seed);
    long before = 0;
    for (int i = 0; i < 50; i++) {
      final String last = lastBeforeKill(random);
      try (MvConfigStore store = MvConfigStore.open(file)) {
        final String number = store.get("a").orElse("0");
        assertThat(store.get("b").orElse("0")).isEqualTo(number);
        final String ballast = store.get("c").orElse("0 ");
        assertThat(ballast)
            .isEqualTo(StoreWriter.ballast(number, ballast.length() - number.length() - 1));
        final long found = Long.parseLong(number);
        assertThat(store.get("odd"))
            .isEqualTo(found % 2 == 0 ? Optional.empty() : Optional.of(number));
        final long said = last.isEmpty() ? before : Long.parseLong(last.split(" ", 2)[1]);
        assertThat(found).as("seed %d, round %d", seed, i).isBetween(said, said + 1);
        assertThat(store.history("a", 20))
            .extracting(version -> Long.parseLong(version.value().orElse("")))
            .containsExactlyElementsOf(
                LongStream.iterate(found, n -> n > Math.max(0, found - 20), n -> n - 1)
                    .boxed()
                    .toList());
        before = found;
      }
    }
  }

  /** Starts a writer, kills it at some moment, and returns what it said last. */
  private String lastBeforeKill(final Random random) throws IOException, InterruptedException {
    final Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                StoreWriter.class.getName(),
                file.toString(),
                Long.toString(random.nextLong()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String last = "";
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
      for (int lines = random.nextInt(80); lines > 0; lines--) {
        last = String.valueOf(said.readLine());
      }
      for (long until = System.nanoTime() + random.nextInt(2_000_000);
          System.nanoTime() < until; ) {
        Thread.onSpinWait();
      }
      writer.toHandle().destroyForcibly();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        last = line.matches("\\d+ \\d+") ? line : last;
      }
    }
    assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return last;
  }

  @Test
  void shouldBeReadableByItsOwnerOnly() throws IOException {
    Files.createFile(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    MvConfigStore.open(file).close();
    try (var files = Files.list(folder)) {
      assertThat(files.toList())
          .hasSize(2)
          .allSatisfy(path ->
              assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                  .isEqualTo("rw-------"));
    }
  }

  @Test
  void shouldSayThatAnotherUsesIt() {
    try (MvConfigStore _ = MvConfigStore.open(file)) {
      assertThatThrownBy(() -> MvConfigStore.open(file))
          .isInstanceOf(StoreException.class)
          .hasMessage(file + " is in use by another process: end it, or configure another folder");
    }
  }

  /** Each damaged byte is noticed at the start, or is one that nothing is read from. */
  @Test
  void shouldNeverTakeADamagedFileForAnother() throws IOException {
    final long seed = System.nanoTime();
    System.out.println("seed " + seed);
    final Random random = new Random(seed);
    final Map<String, String> content;
    try (MvConfigStore store = MvConfigStore.open(file)) {
      for (int i = 0; i < 20; i++) {
        store.commit(Map.of("k" + i, Optional.of("value " + i + "v".repeat(i * 200))));
      }
      content = store.list("");
    }
    final byte[] whole = Files.readAllBytes(file);
    int told = 0;
    for (int i = 0; i < 300; i++) {
      final byte[] damaged = whole.clone();
      final int at = random.nextInt(whole.length);
      final int end = Math.min(whole.length, at + 1 + random.nextInt(8_192));
      for (int j = at; j < end; j++) {
        damaged[j] = (byte) random.nextInt();
      }
      // A file each: one that is too damaged to be closed stays locked until its memory goes.
      final Path hurt = file.resolveSibling("hurt-" + i);
      Files.write(hurt, damaged);
      Files.writeString(RevisionFile.beside(hurt), "%016x".formatted(20));
      try (MvConfigStore store = MvConfigStore.open(hurt)) {
        assertThat(store.list("")).as("seed %d, damage %d at %d", seed, i, at).isEqualTo(content);
      } catch (StoreException e) {
        told++;
        assertThat(e).message().startsWith(hurt + " is damaged").doesNotContain("\n");
      }
      Files.delete(hurt);
    }
    assertThat(told).as("seed %d", seed).isPositive();
    Files.write(file, new byte[0]);
    assertThatThrownBy(() -> MvConfigStore.open(file)).message().contains("is damaged");
    Files.writeString(file, "something else altogether");
    assertThatThrownBy(() -> MvConfigStore.open(file)).message().contains("is damaged");
  }

  @Test
  void shouldUseTheRoomOfForgottenVersionsAgain() throws IOException {
    final String text = "x".repeat(20_000);
    try (MvConfigStore store = MvConfigStore.open(file)) {
      final long once = sizeAfter(store, text, 0);
      for (int round = 1; round < 4; round++) {
        // Space is not used again at once, so that a crash finds what was there before.
        final long from = System.nanoTime();
        while (System.nanoTime() - from < TimeUnit.MILLISECONDS.toNanos(1_200)) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        assertThat(sizeAfter(store, text, round * 3_000)).isLessThan(2 * once + once / 2);
      }
      assertThat(store.get("k")).contains("11999" + text);
    }
  }

  private long sizeAfter(final MvConfigStore store, final String text, final int from)
      throws IOException {
    for (int i = from; i < from + 3_000; i++) {
      store.commit(Map.of("k", Optional.of(i + text)));
    }
    return Files.size(file);
  }

  @Test
  void shouldRefuseWhatIsTooLarge() {
    try (MvConfigStore store = MvConfigStore.open(file)) {
      final String largest = "x".repeat(MvConfigStore.MAX_VALUE_CHARACTERS);
      store.commit(Map.of("large", Optional.of(largest)));
      assertThat(store.get("large")).contains(largest);
      assertThatThrownBy(() ->
              store.commit(Map.of("small", Optional.of("x"), "large", Optional.of(largest + "x"))))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .startsWith("large has 16777217 characters");
      assertThat(store.get("small")).isEmpty();
      assertThatThrownBy(() -> store.commit(Map.of("k".repeat(201), Optional.of("x"))))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> store.commit(Map.of("a\u0000b", Optional.of("x"))))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void shouldForgetTheOldestVersions() {
    try (MvConfigStore store = MvConfigStore.open(file)) {
      store.commit(Map.of("other", Optional.of("kept")));
      for (int i = 0; i < MvConfigStore.MAX_VERSIONS + 200; i++) {
        store.commit(Map.of("k", Optional.of("value " + i)));
      }
      final List<Version> history = store.history("k", Integer.MAX_VALUE);
      assertThat(history)
          .hasSizeBetween(MvConfigStore.MAX_VERSIONS, MvConfigStore.MAX_VERSIONS + 64);
      for (int i = 0; i < history.size(); i++) {
        assertThat(history.get(i).value())
            .contains("value " + (MvConfigStore.MAX_VERSIONS + 199 - i));
      }
      assertThat(store.history("other", 9)).hasSize(1);
    }
  }
}
