package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three documents of 32 frames in a first file, and one in a second; then damage. */
class JournalDamageTest {
  private static final byte[] MAGIC = "SPJ2".getBytes(StandardCharsets.ISO_8859_1);
  private static final int FUZZ_ROUNDS = 60;

  /** Of a document that is found, but whose contents are not. */
  private static final Pattern UNREADABLE = Pattern.compile(": document ([0-9]+): ");

  private static final int SURVIVAL_ROUNDS = 100;

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
    return documentsOfType(bytes, 2);
  }

  private static List<Integer> documentsOfType(byte[] bytes, int type) {
    List<Integer> found = new ArrayList<>();
    for (int at = 0; at < bytes.length - 8; at++) {
      if (java.util.Arrays.equals(bytes, at, at + 4, MAGIC, 0, 4) && bytes[at + 6] == type) {
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

  private List<JournalGap> gaps() {
    return damages.stream().map(damage -> Objects.requireNonNull(damage.gap())).toList();
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
            "\\Q"
                + file(0)
                + "\\E: bytes \\d+ to \\d+: magic 324a5058 instead of 324a5053: document 3 is missing");
    assertThatThrownBy(() -> TestJournal.numbers(folder))
        .isInstanceOf(JournalException.class)
        .hasMessage(damages.getFirst().getMessage());
  }

  @Test
  void aChangedByteAnywhereInADocumentIsFound() throws IOException {
    List<String> faults = new ArrayList<>();
    byte[] good = Files.readAllBytes(file(0));
    damage(0, 4, old -> 3);
    readOverDamage();
    Files.write(file(0), good);
    damage(1, 2_000, old -> old ^ 1);
    readOverDamage();
    Files.write(file(0), good);
    damage(2, 8, old -> old ^ 1);
    readOverDamage();
    gaps().forEach(gap -> faults.add(gap.reason()));
    assertThat(faults)
        .satisfiesExactly(
            first -> assertThat(first).isEqualTo("journal version 3, this program reads 2"),
            second -> assertThat(second).isEqualTo("the checksum does not match"),
            third -> assertThat(third).matches("body length \\d+ in a document of \\d+ bytes"));
    assertThat(gaps()).extracting(JournalGap::firstDocument).containsExactly(2L, 3L, 4L);
    assertThat(gaps()).extracting(JournalGap::documents).containsOnly(1L);
  }

  @Test
  void documentsDamagedInARowAreOneGapAndThoseAroundThemRemain() throws IOException {
    for (int document = 0; document < 3; document++) {
      damage(document, 2_000, old -> old ^ 1);
    }
    assertThat(readOverDamage()).isEqualTo(TestJournal.range(96, 128));
    // What follows is in the next file, and still says how many are missing.
    assertThat(damages).hasSize(1);
    assertThat(damages.getFirst()).hasMessageEndingWith(": 3 documents, 2 to 4, are missing");
  }

  @Test
  void anEarlierDocumentWithinAFrameIsNoneOfTheJournal() throws IOException {
    byte[] bytes = Files.readAllBytes(file(0));
    int first = documents(bytes).getFirst();
    int second = documents(bytes).get(1);
    // The session's document, with its word, is short: put it into the body of a frames document.
    int session = documentsOfType(bytes, 1).getFirst() - 4;
    int length = documentsOfType(bytes, 3).getFirst() - 4 - session;
    try (RandomAccessFile open = new RandomAccessFile(file(0).toFile(), "rw")) {
      open.seek(first + 1_004);
      open.write(bytes, session, length);
      open.seek(first - 4);
      open.writeInt(0x12345678);
    }
    assertThat((first + 1_004) % 4).isZero();
    assertThat(readOverDamage()).isEqualTo(without(0, 32));
    assertThat(damages).hasSize(1);
    assertThat(gaps().getFirst().toByte()).isEqualTo(second - 4L);
  }

  /** Where the documents of a file are, by their words; the frames they hold follow each other. */
  private record Written(int from, int to, long number, long firstFrame, int frames) {}

  private static List<Written> written(byte[] bytes, long firstFrame) {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Written> found = new ArrayList<>();
    long frame = firstFrame;
    for (int at = 0;
        file.getInt(at) > 0;
        at = (at + 4 + (file.getInt(at) & 0x3FFF_FFFF) + 3) & -4) {
      if (file.getInt(at) < QueueFile.META_DATA) {
        int frames = bytes[at + 4 + 6] == 2 ? file.getInt(at + 4 + 56) : 0;
        found.add(
            new Written(at, at + 4 + file.getInt(at), file.getLong(at + 4 + 24), frame, frames));
        frame += frames;
      }
    }
    return found;
  }

  @Test
  void everyFrameOfEveryDocumentThatWasNotTouchedSurvives() throws IOException {
    long seed = System.nanoTime();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    folder = temporary.resolve("large");
    try (TestJournal journal = new TestJournal(folder)) {
      journal.writer.rules(java.util.Map.of(1, "web"));
      journal.journal(0, 1_000);
      journal.epochMs += TimeUnit.MINUTES.toMillis(5);
      journal.journal(1_000, 1_032);
    }
    Path victim = file(0);
    byte[] good = Files.readAllBytes(victim);
    List<Written> documents = written(good, 0);
    int end = documents.getLast().to;
    for (int round = 0; round < SURVIVAL_ROUNDS; round++) {
      byte[] bytes = Arrays.copyOf(good, end);
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        int from = random.nextInt(end);
        int length = Math.min(end - from, 1 << random.nextInt(17));
        if (random.nextBoolean()) {
          Arrays.fill(bytes, from, from + length, (byte) 0);
        } else {
          for (int at = from; at < from + length; at += 1 + random.nextInt(length)) {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
          }
        }
      }
      List<Long> survivors = new ArrayList<>();
      Set<Long> missing = new TreeSet<>();
      for (Written document : documents) {
        if (Arrays.equals(bytes, document.from, document.to, good, document.from, document.to)) {
          survivors.addAll(
              TestJournal.range(document.firstFrame, document.firstFrame + document.frames));
        } else {
          missing.add(document.number);
        }
      }
      survivors.addAll(TestJournal.range(1_000, 1_032));
      try (RandomAccessFile open = new RandomAccessFile(victim.toFile(), "rw")) {
        open.write(bytes);
      }
      damages.clear();
      assertThat(readOverDamage()).as("seed %d round %d", seed, round).isEqualTo(survivors);
      Set<Long> named = new TreeSet<>();
      for (JournalException damage : damages) {
        JournalGap gap = damage.gap();
        Matcher unreadable = UNREADABLE.matcher(String.valueOf(damage.getMessage()));
        if (gap != null) {
          named.addAll(
              TestJournal.range(gap.firstDocument(), gap.firstDocument() + gap.documents()));
        } else {
          assertThat(unreadable.find()).as("seed %d round %d: %s", seed, round, damage).isTrue();
          named.add(Long.parseLong(unreadable.group(1)));
        }
      }
      // Nothing says that a session's first documents are missing: older ones might be deleted.
      for (long number = 0; missing.remove(number); number++) {
        assertThat(named).as("seed %d round %d", seed, round).doesNotContain(number);
      }
      assertThat(named).as("seed %d round %d", seed, round).isEqualTo(missing);
    }
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
