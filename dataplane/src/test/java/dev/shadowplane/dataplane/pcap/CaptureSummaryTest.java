package dev.shadowplane.dataplane.pcap;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CaptureSummaryTest {
  /** Name resolution, statistics, journal entries of systemd, secrets, custom blocks, unknown. */
  private static final int[] OTHER_BLOCKS = {4, 5, 7, 9, 10, 0xbad, 0x4000_0bad, 0x7fff_ffff};

  private static final byte[] DATA = {1, 2, 3, 4, 5};

  @TempDir private Path folder;

  @Test
  void passesOverEveryOtherBlockAndCountsInterfacesOfAllSections() throws IOException {
    for (ByteOrder order : List.of(LITTLE_ENDIAN, BIG_ENDIAN)) {
      final CaptureBytes bytes = new CaptureBytes(order);
      for (int section = 0; section < 2; section++) {
        bytes.section();
        for (int linkType : new int[] {1, 113, 276}) {
          final CaptureBytes described = bytes.describeInterface(linkType, 0, bytes.resolution(9));
          for (int type : OTHER_BLOCKS) {
            described.block(type, new byte[4 * (type & 7) + 12]);
          }
        }
        bytes.enhancedPacket(0, 5_000L + section, 60, DATA);
        bytes.block(10, new byte[100_000]).enhancedPacket(2, 4_000L + section, 70, DATA);
      }
      final CaptureSummary summary = CaptureSummary.of(file(bytes.bytes()));
      assertThat(summary)
          .isEqualTo(
              new CaptureSummary(
                  "pcapng",
                  4,
                  20,
                  260,
                  4_000,
                  5_001,
                  new TreeMap<>(Map.of(1, 2L, 276, 2L)),
                  6,
                  null));
    }
  }

  @Test
  void saysWhereAndWhyReadingStopped() throws IOException {
    final CaptureBytes bytes = new CaptureBytes(BIG_ENDIAN).pcapHeader(0xA1B23C4D, 4, 101);
    for (int i = 0; i < 3; i++) {
      bytes.pcapRecord(i, 999_999_999, DATA.length, 99, DATA);
    }
    final byte[] whole = bytes.bytes();
    final CaptureSummary summary = CaptureSummary.of(file(Arrays.copyOf(whole, whole.length - 1)));
    assertThat(summary.format()).isEqualTo("pcap, nanoseconds");
    assertThat(summary.frames()).isEqualTo(2);
    assertThat(summary.lastNs()).isEqualTo(1_999_999_999L);
    assertThat(summary.framesByLinkType()).isEqualTo(Map.of(101, 2L));
    final CaptureException damage = Objects.requireNonNull(summary.damage());
    assertThat(damage.offsetBytes()).isEqualTo(24 + 2 * 21);
    assertThat(damage.reason()).isEqualTo("record cut short: 20 of 21 bytes are there");
    assertThat(CaptureSummary.of(file(whole)).damage()).isNull();
  }

  @Test
  void refusesWhatIsNoCapture() {
    assertThatThrownBy(() -> CaptureSummary.of(file(new byte[30])))
        .isInstanceOf(CaptureException.class)
        .hasMessageEndingWith(
            ": offset 0: no capture: 00000000 opens neither a pcap nor a pcapng file");
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.resolve("some.pcap"), content);
  }
}
