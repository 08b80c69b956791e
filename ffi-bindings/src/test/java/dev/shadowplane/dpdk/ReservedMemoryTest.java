package dev.shadowplane.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ReservedMemoryTest {
  private static final long HUGE_PAGE_BYTES = 2 << 20;

  @Test
  void readsAsZerosAndKeepsWhatIsWritten() {
    for (long bytes : new long[] {1, 4096, HUGE_PAGE_BYTES - 8, HUGE_PAGE_BYTES, 5_000_000}) {
      try (ReservedMemory memory = new ReservedMemory(bytes)) {
        final long last = memory.address() + bytes - 1;
        assertThat(memory.address() % (bytes < HUGE_PAGE_BYTES ? 4096 : HUGE_PAGE_BYTES)).isZero();
        assertThat(NativeMemory.getUnsignedByte(memory.address())).isZero();
        assertThat(NativeMemory.getUnsignedByte(last)).isZero();
        NativeMemory.putByte(last, 7);
        assertThat(NativeMemory.getUnsignedByte(last)).isEqualTo(7);
      }
    }
  }

  @Test
  void takesRoomOnlyWhereItIsTouchedAndGivesItBack() throws IOException {
    final long reserved = 1L << 40;
    final long touched = 128 << 20;
    final long before = residentBytes();
    final ReservedMemory memory = new ReservedMemory(reserved);
    for (long at = 0; at < touched; at += 4096) {
      NativeMemory.putLong(memory.address() + reserved / 2 + at, at);
    }
    assertThat(residentBytes() - before).isBetween(touched / 2, 4 * touched);
    memory.close();
    assertThat(residentBytes() - before).isLessThan(touched / 2);
    // Gives back nothing that is not its own any more.
    memory.close();
  }

  @Test
  void saysHowMuchCannotBeReserved() {
    assertThatThrownBy(() -> new ReservedMemory(1L << 60))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1152921504606846976 bytes")
        .hasMessageContaining("ask for less");
  }

  private static long residentBytes() throws IOException {
    final String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(text -> text.startsWith("RssAnon:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
  }
}
