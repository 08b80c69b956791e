package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.journal.StampedJournal.Stamped;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalEncryptionTest {
  private static final long START_NS = TestFrames.START_NS;

  @TempDir private Path temporary;
  private final List<Stamped> frames = new ArrayList<>();
  private Path folder = Path.of("");
  private Path keyFile = Path.of("");

  @BeforeEach
  void key() throws IOException {
    folder = temporary.resolve("journal");
    keyFile = temporary.resolve("keys");
    JournalKeys.create(keyFile);
  }

  private StampedJournal open() throws JournalException {
    return new StampedJournal(folder, 2, START_NS, frames, Optional.of(keyFile));
  }

  private void journal(StampedJournal journal, int count, long fromNs) {
    journal.clock(fromNs);
    for (int i = 0; i < count; i++) {
      journal.frame(i & 1, fromNs + i);
    }
    journal.flush();
  }

  private JournalQuery query() throws JournalException {
    return JournalQuery.of(folder).keys(JournalKeys.read(keyFile));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> found = Files.list(folder.resolve("0"))) {
      return found.filter(file -> file.toString().endsWith(".cq4")).sorted().toList();
    }
  }

  @Test
  void framesAreReadWithTheKeyAndNotFoundWithoutIt() throws IOException {
    try (StampedJournal journal = open()) {
      journal(journal, 2_000, START_NS);
      assertThat(StampedJournal.read(query())).isEqualTo(frames);
    }
    assertThat(StampedJournal.read(query())).isEqualTo(frames);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(files().getFirst()));
    for (int at = 0; at + Long.BYTES <= bytes.capacity(); at++) {
      // The end of a frame, and nothing else, is the complement of its number, big-endian.
      assertThat(bytes.getLong(at) >= ~2_000L && bytes.getLong(at) < ~0L).isFalse();
    }
    assertThatThrownBy(() -> StampedJournal.read(JournalQuery.of(folder)))
        .isInstanceOf(JournalException.class)
        .hasMessage(
            files().getFirst()
                + ": encrypted with key 1, and no key file was given: name the one that holds it");
    Path other = temporary.resolve("other");
    JournalKeys.create(other);
    Files.writeString(other, Files.readString(other).replaceFirst("1", "5"));
    assertThatThrownBy(
            () -> StampedJournal.read(JournalQuery.of(folder).keys(JournalKeys.read(other))))
        .hasMessage(
            files().getFirst() + ": encrypted with key 1, which " + other + " [5] does not hold");
    String digits = Files.readString(keyFile).substring(3, 20);
    assertThat(query().toString()).doesNotContain(digits);
  }

  @Test
  void aChangedByteIsDetectedAlsoWhereTheChecksumIsRight() throws IOException {
    try (StampedJournal journal = open()) {
      journal(journal, 2_000, START_NS);
    }
    // The number of frames in the header of a frames document; then a byte of another's body.
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> documents = new ArrayList<>();
    for (int at = 0; at < bytes.length - 64; at += 4) {
      if (view.getInt(at) == JournalFormat.MAGIC && bytes[at + 6] == JournalFormat.TYPE_FRAMES) {
        documents.add(at);
      }
    }
    view.put(documents.get(0) + 56, (byte) 1);
    view.put(documents.get(1) + 999, (byte) ~view.get(documents.get(1) + 999));
    for (int document : documents.subList(0, 2)) {
      CRC32C checksum = new CRC32C();
      checksum.update(bytes, document + 16, 64 - 16 + view.getInt(document + 8));
      view.putInt(document + 12, (int) checksum.getValue());
    }
    try (RandomAccessFile change = new RandomAccessFile(file.toFile(), "rw")) {
      change.write(bytes);
    }
    List<String> damages = new ArrayList<>();
    JournalEvents events =
        new JournalEvents() {
          @Override
          public void damage(JournalException damage) {
            damages.add(String.valueOf(damage.getMessage()));
          }
        };
    try (JournalReader reader = new JournalReader(query(), events)) {
      assertThat(StampedJournal.read(reader))
          .isEqualTo(
              frames.stream().filter(f -> f.queue() == 1 || f.number() >= 2L * 2 * 256).toList());
    }
    assertThat(damages)
        .hasSize(2)
        .allSatisfy(damage ->
            assertThat(damage)
                .startsWith(file + ": document ")
                .endsWith(": was changed, or key 1 is not the one that it was encrypted with"));
  }

  @Test
  void aKeyPutInFrontIsUsedFromTheNextFileOn() throws IOException {
    long nextFile = START_NS + TimeUnit.MINUTES.toNanos(5);
    try (StampedJournal journal = open();
        JournalReader follower = new JournalReader(query().following(), new JournalEvents() {})) {
      journal(journal, 600, START_NS);
      List<Stamped> seen = new ArrayList<>(StampedJournal.read(follower));
      JournalKeys.rotate(keyFile);
      journal(journal, 600, START_NS + 600);
      journal(journal, 600, nextFile);
      while (seen.size() < frames.size()) {
        seen.addAll(StampedJournal.read(follower));
      }
      assertThat(StampedJournal.byNumber(seen)).isEqualTo(frames);
      Files.writeString(keyFile, "nonsense");
      journal(journal, 600, nextFile + TimeUnit.MINUTES.toNanos(5));
      assertThat(journal.ledger.warnings)
          .hasSize(2)
          .first()
          .asString()
          .isEqualTo(
              keyFile
                  + ": line 1: a key begins with its id, 1 to 4294967295, and a colon; the journal"
                  + " goes on with key 2");
      assertThat(journal.ledger.failed()).isZero();
    }
  }

  @Test
  void aJournalDoesNotBeginWithoutItsKey() throws IOException {
    Files.delete(keyFile);
    assertThatThrownBy(this::open)
        .isInstanceOf(JournalException.class)
        .hasMessageStartingWith(keyFile + ": no key file: make one with ");
    assertThat(folder).doesNotExist();
  }
}
