package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.Json;
import dev.shadowplane.control.api.TestJournal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalCommandsTest {
  private static final int FRAMES = 1_000;

  @TempDir private Path temporary;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path journal = Path.of("");

  @BeforeEach
  void journal() throws IOException {
    journal = temporary.resolve("journal");
    TestJournal.write(journal, FRAMES);
  }

  private int execute(final String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return ShadowplaneCommand.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private List<?> rows(final String name) {
    return (List<?>) Objects.requireNonNull(Json.object(out.toString()).get(name));
  }

  private static int number(final Map<?, ?> object, final String name) {
    return ((Number) Objects.requireNonNull(object.get(name))).intValue();
  }

  @Test
  void listsFiles() {
    assertThat(execute("journal", "ls", "--journal", journal.toString(), "--format", "json"))
        .isZero();
    assertThat(rows("files")).hasSize(1);
    final Map<?, ?> file = (Map<?, ?>) rows("files").getFirst();
    assertThat(file.get("first")).isEqualTo("2026-09-21T14:13:20Z");
    assertThat(file.get("last")).isEqualTo("2026-09-21T14:13:20.000999Z");
    assertThat(number(file, "frames")).isEqualTo(FRAMES);
    assertThat((List<?>) file.get("sessions")).hasSize(1);
    assertThat((List<?>) file.get("keys")).isEmpty();
    assertThat(number(file, "gaps")).isZero();
    assertThat(execute("journal", "ls", "--journal", journal.toString(), "--format", "csv"))
        .isZero();
    assertThat(out.toString())
        .startsWith("queue,file,first,last,sessions,documents,frames,bytes,keys,gaps\r\n0,");
  }

  @Test
  void addsUp() {
    assertThat(execute("journal", "stat", "--journal", journal.toString(), "--format", "json"))
        .isZero();
    final long bytes = (long) FRAMES * TestJournal.FRAME_BYTES;
    assertThat(rows("totals").stream().map(row -> shown((Map<?, ?>) row)))
        .startsWith(
            "rule (rule 0) 1000 " + bytes,
            "port client 1000 " + bytes,
            "direction received 1000 " + bytes,
            "from 2026-09-21T14:13:20Z 1000 " + bytes,
            "shed client 0 null");
    assertThat(err.toString()).isEmpty();
  }

  private static String shown(final Map<?, ?> row) {
    return row.get("kind")
        + " "
        + row.get("name")
        + " "
        + row.get("frames")
        + " "
        + row.get("bytes");
  }

  @Test
  void verifiesAndNamesDamage() throws IOException {
    assertThat(execute("journal", "verify", "--journal", journal.toString())).isZero();
    assertThat(out.toString())
        .matches("\\d+ documents, 1000 frames, \\d+ bytes are intact, 0 places are damaged\\R");
    assertThat(err.toString()).as("no progress but on a terminal").isEmpty();
    final Path file;
    try (var files = Files.list(journal.resolve("0"))) {
      file = files.filter(each -> each.toString().endsWith(".cq4")).findFirst().orElseThrow();
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(100_000);
      open.write(~open.read());
    }
    assertThat(execute("journal", "verify", "--journal", journal.toString(), "--format", "json"))
        .isEqualTo(1);
    final Map<?, ?> damage = (Map<?, ?>) rows("damages").getFirst();
    assertThat(rows("damages")).hasSize(1);
    assertThat(damage.get("file")).isEqualTo(file.toString());
    assertThat(number(damage, "documents")).isEqualTo(1);
    assertThat(damage.get("reason")).isEqualTo("the checksum does not match");
  }

  @Test
  void makesKeys() throws IOException {
    final Path file = temporary.resolve("key");
    assertThat(execute("journal", "key", "--output", file.toString())).isZero();
    assertThat(out.toString().strip()).isEqualTo("key 1 is the first of " + file);
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(execute("journal", "key", "--output", file.toString())).isEqualTo(1);
    assertThat(execute("journal", "key", "--output", file.toString(), "--rotate")).isZero();
    assertThat(Files.readAllLines(file)).hasSize(2).first().asString().startsWith("2: ");
  }

  @Test
  void wantsAJournal() {
    for (final String command : List.of("ls", "verify", "stat")) {
      final Path none = temporary.resolve("none");
      assertThat(execute("journal", command, "--journal", none.toString())).isEqualTo(2);
      assertThat(err.toString())
          .isEqualTo(
              "shadowplane: "
                  + none
                  + " is no folder: name the one that the data plane journals to"
                  + System.lineSeparator());
      assertThat(execute("journal", command, "--journal", temporary.toString())).isEqualTo(1);
      assertThat(err.toString()).contains("no journal: the folder holds no .cq4 file");
    }
  }
}
