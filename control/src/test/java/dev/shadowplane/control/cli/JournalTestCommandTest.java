package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTestCommandTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(final String... arguments) {
    return ShadowplaneCommand.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void printsWhatItMeasured() {
    assertThat(
            execute("journal", "test", "--journal", folder.toString(), "--format", "json"))
        .isZero();
    assertThat(Json.object(out.toString()))
        .containsOnlyKeys(
            "disk_bytes_per_second", "capture_frames_per_second", "capture_bytes_per_second")
        .allSatisfy((name, value) -> assertThat(((Number) value).longValue()).isPositive());
    assertThat(err.toString()).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void wantsAFolder() {
    final Path none = folder.resolve("none");
    assertThat(execute("journal", "test", "--journal", none.toString())).isEqualTo(2);
    assertThat(err.toString())
        .contains(none + " is no folder: name the one that the data plane journals to");
  }
}
