package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalKeysTest {
  private static final String DIGITS =
      "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

  @TempDir private Path folder;

  private Path write(String text) throws IOException {
    Path file = folder.resolve("keys");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, text);
  }

  @Test
  void theFirstKeyWritesAndAllRead() throws IOException {
    JournalKeys keys =
        JournalKeys.read(write("# keys\n\n 7: " + DIGITS + "\r\n4294967295:" + DIGITS));
    assertThat(keys.writingId()).isEqualTo(7);
    assertThat(keys.key(7)).isNotNull();
    assertThat(keys.key(4_294_967_295L)).isNotNull();
    assertThat(keys.key(1)).isNull();
    assertThat(keys.toString()).isEqualTo(folder.resolve("keys") + " [7, 4294967295]");
  }

  @Test
  void whatIsWrongIsSaidWithoutTheKey() throws IOException {
    String key = "1: " + DIGITS + "\n";
    for (List<String> wrong :
        List.of(
            List.of("", "holds no key: a line is 'id: 64 hex digits'"),
            List.of(
                key + "1:" + DIGITS,
                "line 2: key 1 is there twice: give each key an id of its own"),
            List.of(
                "1: " + DIGITS.substring(1),
                "line 1: key 1 has 63 digits: 64 hex digits are needed"),
            List.of("1: " + DIGITS + "0", "line 1: key 1 has 65 digits: 64 hex digits are needed"),
            List.of(
                "1: " + DIGITS.replace('9', 'x'),
                "line 1: key 1 holds a character that is no hex digit"),
            List.of(
                "0: " + DIGITS, "line 1: a key begins with its id, 1 to 4294967295, and a colon"),
            List.of(
                "4294967296: " + DIGITS,
                "line 1: a key begins with its id, 1 to 4294967295, and a colon"),
            List.of(DIGITS, "line 1: a key begins with its id, 1 to 4294967295, and a colon"))) {
      Path file = write(wrong.getFirst());
      assertThatThrownBy(() -> JournalKeys.read(file))
          .isInstanceOf(JournalException.class)
          .hasMessage(file + ": " + wrong.getLast());
    }
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> JournalKeys.read(missing))
        .hasMessage(
            missing
                + ": no key file: make one with 'shadowplane journal key --output "
                + missing
                + "'");
  }

  @Test
  void aFileThatOthersMayReadIsRefused() throws IOException {
    Path file = write("1: " + DIGITS);
    for (String permissions : List.of("rw----r--", "rw-rw----", "rw-----w-")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
      assertThatThrownBy(() -> JournalKeys.read(file))
          .hasMessage(
              file
                  + ": the key file may be read or changed by others ("
                  + permissions
                  + "): chmod g-w,o= "
                  + file);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(JournalKeys.read(file).writingId()).isEqualTo(1);
  }

  @Test
  void keysAreMadeAndRotated() throws IOException {
    Path file = folder.resolve("made");
    assertThat(JournalKeys.create(file)).isEqualTo(1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String first = Files.readString(file);
    assertThat(first).matches("1: [0-9a-f]{64}\n");
    assertThatThrownBy(() -> JournalKeys.create(file)).hasMessageStartingWith(file + ": exists: ");
    assertThat(JournalKeys.rotate(file)).isEqualTo(2);
    assertThat(Files.readString(file))
        .matches("2: [0-9a-f]{64}\n1: [0-9a-f]{64}\n")
        .endsWith(first);
    assertThat(JournalKeys.read(file).writingId()).isEqualTo(2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
