package dev.shadowplane.dataplane.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.Anonymisation.Macs;
import dev.shadowplane.dataplane.config.Anonymisation.Payload;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/** The first byte picks the link type; the frame follows. */
final class AnonymiserJazzerTest {
  private static final int[] LINK_TYPES = {1, 101, 0, 108, 113, 276, 228, 229, 147};
  private static final int MARGIN = 8;

  private static final List<Anonymiser> ANONYMISERS =
      Stream.of(Payload.values())
          .map(payload ->
              new Anonymiser(
                  new Anonymisation(
                      "n", Path.of("k"), true, Anonymisation.KEEP_MULTICAST, Macs.HASH, payload),
                  CryptoPanTest.REFERENCE_KEY))
          .toList();

  @FuzzTest(maxDuration = "60s")
  void changesTheFrameAloneAndTheSameWayEachTime(byte[] input) {
    if (input.length == 0) {
      return;
    }
    final int linkType = LINK_TYPES[(input[0] & 0xff) % LINK_TYPES.length];
    final int length = input.length - 1;
    for (Anonymiser anonymiser : ANONYMISERS) {
      final byte[] memory = memory(input);
      final byte[] again = memory.clone();
      final int kept = anonymiser.apply(new UnsafeBuffer(memory), MARGIN, length, linkType);
      assertThat(kept).isBetween(0, length);
      assertThat(anonymiser.apply(new UnsafeBuffer(again), MARGIN, length, linkType))
          .isEqualTo(kept);
      assertThat(again).isEqualTo(memory);
      for (int edge = 0; edge < MARGIN; edge++) {
        assertThat(memory[edge]).isEqualTo((byte) 0x5a);
        assertThat(memory[memory.length - 1 - edge]).isEqualTo((byte) 0x5a);
      }
    }
  }

  private static byte[] memory(byte[] input) {
    final byte[] memory = new byte[input.length - 1 + 2 * MARGIN];
    Arrays.fill(memory, (byte) 0x5a);
    System.arraycopy(input, 1, memory, MARGIN, input.length - 1);
    return memory;
  }
}
