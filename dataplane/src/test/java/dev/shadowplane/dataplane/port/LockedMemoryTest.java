package dev.shadowplane.dataplane.port;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limit of a process as proc(5) shows it. */
final class LockedMemoryTest {
  private static final int MBUFS = 16_384;
  private static final int DATA_BYTES = 2_048;

  @TempDir private Path root;

  private AbstractThrowableAssert<?, ?> check(String capabilities, String soft) throws IOException {
    final Path process = Files.createDirectories(root.resolve("proc/self"));
    Files.writeString(process.resolve("status"), "Name:\tjava\nCapEff:\t" + capabilities + "\n");
    Files.writeString(
        process.resolve("limits"),
        "Limit                     Soft Limit           Hard Limit           Units     \n"
            + "Max locked memory         "
            + soft
            + "              unlimited            bytes     \n");
    return assertThatCode(() -> LockedMemory.check(root, MBUFS, DATA_BYTES));
  }

  @Test
  void enoughIsEnough() throws IOException {
    check("0000000000000000", "unlimited").doesNotThrowAnyException();
    check("0000000000000000", "33554432").doesNotThrowAnyException();
    check("0000000000004000", "8388608").doesNotThrowAnyException();
    check("000001ffffffffff", "65536").doesNotThrowAnyException();
  }

  @Test
  void tooLittleIsRefusedInOneLine() throws IOException {
    check("0000000000000000", "8388608")
        .isInstanceOf(PortException.class)
        .hasMessageContaining("mbufs: 16384 take 32 MB")
        .hasMessageContaining("may lock 8 MB: start with the capability IPC_LOCK")
        .hasMessageNotContaining("\n");
    check("0000003fffffbfff", "33554431").isInstanceOf(PortException.class);
  }

  @Test
  void whatCannotBeReadIsLeftToVfio() {
    assertThatCode(() -> LockedMemory.check(root, MBUFS, DATA_BYTES)).doesNotThrowAnyException();
  }
}
