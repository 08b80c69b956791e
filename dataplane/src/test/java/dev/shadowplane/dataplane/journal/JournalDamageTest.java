package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three documents of 32 frames in a first file, and one in a second; then damage. */
class JournalDamageTest {
  private static final byte[] MAGIC = "SPJ2".getBytes(StandardCharsets.ISO_8859_1);
  private static final int FUZZ_ROUNDS = 60;

  @TempDir private Path temporary;
  private Path folder = Path.of("");
  private final List<JournalException> damages = new ArrayList<>();

  @BeforeEach
  void journal() throws IOException {
    folder = temporary.resolve("journal");
    try (TestJournal journal = new TestJournal(folder)) {
      journal.journal(0, 96);
      journal.epochMs += TimeUnit.MINUTES.toMillis(5);
      journal.journal(96, 128);
    }
  }

  private Path file(int number) throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("0"))) {
      return all.filter(file -> file.toString().endsWith(".cq4")).sorted().toList().get(number);
    }
  }

  /** Where the magics of frame documents are. */
  private static List<Integer> documents(byte[] bytes) {
    List<Integer> found = new ArrayList<>();
    for (int at = 0; at < bytes.length - 8; at++) {
      if (java.util.Arrays.equals(bytes, at, at + 4, MAGIC, 0, 4) && bytes[at + 6] == 2) {
        found.add(at);
      }
    }
    return found;
  }

  private void damage(int document, int offset, IntUnaryOperator change) throws IOException {
    Path file = file(0);
    int at = documents(Files.readAllBytes(file)).get(document) + offset;
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(at);
      int old = open.read();
      open.seek(at);
      open.write(change.applyAsInt(old));
    }
  }

  private List<Long> readOverDamage() throws IOException {
    TestFrames frames = new TestFrames();
    List<Long> numbers = new ArrayList<>();
    JournalEvents events =
        new JournalEvents() {
          @Override
          public void damage(JournalException damage) {
            damages.add(damage);
          }
        };
    try (JournalReader reader = new JournalReader(folder, Long.MIN_VALUE, Long.MAX_VALUE, events)) {
      while (reader.next()) {
        numbers.add(frames.check(reader));
      }
    }
    return numbers;
  }

  private static List<Long> without(long from, long to) {
    List<Long> numbers = TestJournal.range(0, 128);
    numbers.removeAll(TestJournal.range(from, to));
    return numbers;
  }

  @Test
  void aDamagedMagicIsNamedAndPassedOver() throws IOException {
    damage(1, 0, old -> 'X');
    assertThat(readOverDamage()).isEqualTo(without(32, 64));
    assertThat(damages).hasSize(1);
    assertThat(damages.getFirst())
        .hasMessageMatching(
            "\\Q" + file(0) + "\\E: document \\d+: magic 324a5058 instead of 324a5053");
    assertThatThrownBy(() -> TestJournal.numbers(folder))
        .isInstanceOf(JournalException.class)
        .hasMessage(damages.getFirst().getMessage());
  }

  @Test
  void aChangedByteAnywhereInADocumentIsFound() throws IOException {
    damage(0, 4, old -> 3);
    damage(1, 2_000, old -> old ^ 1);
    damage(2, 8, old -> old ^ 1);
    assertThat(readOverDamage()).isEqualTo(TestJournal.range(96, 128));
    assertThat(damages)
        .extracting(damage -> damage.toString().replaceFirst(".*document \\d+: ", ""))
        .satisfiesExactly(
            first -> assertThat(first).isEqualTo("journal version 3, this program reads 2"),
            second -> assertThat(second).isEqualTo("the checksum does not match"),
            third -> assertThat(third).matches("body length \\d+ in a document of \\d+ bytes"));
  }

  @Test
  void aFileCutShortCostsItsEnd() throws IOException {
    Path file = file(0);
    int second = documents(Files.readAllBytes(file)).get(1);
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(second + 100);
    }
    List<Long> numbers = readOverDamage();
    assertThat(numbers).startsWith(0L, 1L, 2L).endsWith(126L, 127L).contains(31L, 96L);
    assertThat(numbers).doesNotContain(64L, 95L);
    assertThat(damages).isNotEmpty();
    assertThat(damages.getFirst()).hasMessageStartingWith(file.toString());
  }

  @Test
  void aWriterPutsANewestFileWithoutHeaderAside() throws IOException {
    Path file = file(1);
    byte[] bytes = Files.readAllBytes(file);
    java.util.Arrays.fill(bytes, 0, 4, (byte) 0);
    Files.write(file, bytes);
    try (TestJournal journal =
        new TestJournal(folder, TestFrames.START_NS / 1_000_000 + TimeUnit.MINUTES.toMillis(5))) {
      journal.journal(200, 210);
    }
    assertThat(Path.of(file + ".damaged")).hasBinaryContent(bytes);
    List<Long> expected = TestJournal.range(0, 96);
    expected.addAll(TestJournal.range(200, 210));
    assertThat(TestJournal.numbers(folder)).isEqualTo(expected);
  }

  @Test
  void anyChangeInAnyFileLeadsToAnEnd() throws IOException {
    long seed = System.nanoTime();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Path victim = file(0);
    byte[] good = Files.readAllBytes(victim);
    int end = documents(good).getLast() + 20_000;
    for (int round = 0; round < FUZZ_ROUNDS; round++) {
      try (RandomAccessFile open = new RandomAccessFile(victim.toFile(), "rw")) {
        for (int i = random.nextInt(1, 4); i > 0; i--) {
          open.seek(random.nextBoolean() ? random.nextInt(1_000) : random.nextInt(end));
          open.writeInt(random.nextBoolean() ? random.nextInt() : random.nextInt(-2, 3));
        }
      }
      try {
        assertThat(readOverDamage()).doesNotHaveDuplicates();
      } catch (JournalException e) {
        assertThat(e).as("seed %d", seed).hasMessageContaining(folder.toString());
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + " round " + round, e);
      }
      try (RandomAccessFile open = new RandomAccessFile(victim.toFile(), "rw")) {
        open.write(good, 0, end);
      }
    }
    damages.clear();
    assertThat(readOverDamage()).isEqualTo(TestJournal.range(0, 128));
    assertThat(damages).isEmpty();
  }
}
