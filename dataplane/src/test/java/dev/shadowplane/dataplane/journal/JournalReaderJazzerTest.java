package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Any bytes as the file of a queue are read to their end, with damage named. Documents get right
 * checksums first where the first byte says so, for what lies behind them to be reached.
 */
final class JournalReaderJazzerTest {
  private static Path folder;
  private static Path file;

  @BeforeAll
  static void make() throws IOException {
    folder = Files.createTempDirectory("journal-jazzer");
    file = JournalFiles.file(Files.createDirectory(folder.resolve("0")), 1_000);
  }

  @AfterAll
  static void remove() throws IOException {
    Files.deleteIfExists(file);
    Files.delete(folder.resolve("0"));
    Files.delete(folder);
  }

  @FuzzTest(maxDuration = "60s")
  void readsAnything(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    final ByteBuffer content = ByteBuffer.wrap(input).slice(1, input.length - 1);
    if (input[0] % 2 == 0) {
      seal(content.order(LITTLE_ENDIAN));
    }
    final byte[] bytes = new byte[content.capacity()];
    content.get(0, bytes);
    Files.write(file, bytes);
    long captured = 0;
    try (JournalReader reader =
        new JournalReader(folder, Long.MIN_VALUE, Long.MAX_VALUE, new Nothing())) {
      while (reader.next()) {
        final int length = reader.capturedLengthBytes();
        captured += length;
        assertThat(reader.frame().capacity()).isEqualTo(length);
        for (int i = 0; i < length; i++) {
          reader.frame().getByte(i);
        }
      }
    } catch (JournalException e) {
      assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1);
    }
    assertThat(captured).isLessThanOrEqualTo(input.length);
  }

  /** Damage is told, and reading goes on. */
  private static final class Nothing implements JournalEvents {
    @Override
    public void damage(JournalException damage) {
      assertThat(String.valueOf(damage.getMessage()).lines()).hasSize(1);
    }
  }

  private static void seal(ByteBuffer content) {
    int at = 0;
    while (content.capacity() - at >= QueueFile.WORD_BYTES + JournalFormat.HEADER_BYTES) {
      final int length = content.getInt(at) & 0x3fff_ffff;
      final int document = at + QueueFile.WORD_BYTES;
      if (length < JournalFormat.HEADER_BYTES || length > content.capacity() - document) {
        return;
      }
      content.putInt(document, JournalFormat.MAGIC);
      content.putShort(document + 4, (short) JournalFormat.VERSION);
      content.putInt(document + 8, length - JournalFormat.HEADER_BYTES);
      final CRC32C checksum = new CRC32C();
      checksum.update(content.slice(document + 16, length - 16));
      content.putInt(document + 12, (int) checksum.getValue());
      at = (document + length + 3) & ~3;
    }
  }
}
