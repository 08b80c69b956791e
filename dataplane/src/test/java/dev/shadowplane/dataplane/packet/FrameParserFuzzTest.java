package dev.shadowplane.dataplane.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames that nobody would send: the parser neither fails nor reads what it may not. */
final class FrameParserFuzzTest {
  private static final int FRAMES = 100_000;

  @Test
  void survivesMutatedFrames() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<byte[]> samples = SampleFrames.all();
    for (int i = 0; i < FRAMES; i++) {
      final byte[] frame = mutated(samples.get(random.nextInt(samples.size())), random);
      final int available =
          random.nextInt(4) == 0 ? random.nextInt(frame.length + 1) : frame.length;
      final String which =
          "seed " + seed + ", " + available + " bytes of " + HexFormat.of().formatHex(frame);
      final ParsedRecord record;
      try {
        record = ParsedRecord.of(frame, available, frame.length, 0);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(which, e);
      }
      assertThat(ParsedRecord.of(frame, available, frame.length, 0xff)).as(which).isEqualTo(record);
      assertFullIsSound(frame, available, record, which);
      assertThat(record.kind()).as(which).isIn(0, 4, 6);
      assertThat(record.frameLength()).as(which).isEqualTo(frame.length);
      if (available == frame.length) {
        assertThat(record.has(PacketRecord.FLAG_TRUNCATED)).as(which).isFalse();
        assertSameBehindATag(frame, record, which);
      }
    }
  }

  /** Reads nothing behind what was captured, and begins as the lean one unless it is an inner. */
  private static void assertFullIsSound(
      byte[] frame, int available, ParsedRecord lean, String which) {
    for (boolean inner : new boolean[] {false, true}) {
      final ParsedRecord full = ParsedRecord.full(frame, available, frame.length, 0, inner);
      assertThat(ParsedRecord.full(frame, available, frame.length, 0xff, inner))
          .as(which)
          .isEqualTo(full);
      assertThat(full.frameLength()).as(which).isEqualTo(frame.length);
      if (!inner) {
        final byte[] expected = lean.bytes().clone();
        expected[PacketRecord.FLAGS] |= (byte) PacketRecord.FLAG_FULL;
        assertThat(full.lean()).as(which).isEqualTo(expected);
      }
    }
  }

  /** A tag takes the careful way through the parser, which has to agree with the short one. */
  private static void assertSameBehindATag(byte[] frame, ParsedRecord record, String which) {
    if (frame.length < 14 || record.has(PacketRecord.FLAG_VLAN)) {
      return;
    }
    final byte[] tagged = new byte[frame.length + 4];
    System.arraycopy(frame, 0, tagged, 0, 12);
    tagged[12] = (byte) 0x81;
    tagged[15] = 5;
    System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
    final ParsedRecord careful = ParsedRecord.of(tagged);
    assertThat(careful.flags()).as(which).isEqualTo(record.flags() | PacketRecord.FLAG_VLAN);
    assertThat(careful.kind()).as(which).isEqualTo(record.kind());
    assertThat(careful.protocol()).as(which).isEqualTo(record.protocol());
    assertThat(careful.tcpFlags()).as(which).isEqualTo(record.tcpFlags());
    assertThat(careful.hash()).as(which).isEqualTo(record.hash());
    assertThat(Arrays.copyOfRange(careful.bytes(), 16, careful.bytes().length))
        .as(which)
        .isEqualTo(Arrays.copyOfRange(record.bytes(), 16, record.bytes().length));
  }

  private static byte[] mutated(byte[] sample, Random random) {
    byte[] frame = sample.clone();
    for (int i = random.nextInt(6); i > 0; i--) {
      final int at = random.nextInt(Math.min(frame.length, 90));
      switch (random.nextInt(4)) {
        case 0 -> frame[at] = (byte) random.nextInt();
        case 1 -> frame[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> frame[at] = (byte) (random.nextBoolean() ? 0xff : 0);
        default -> frame = Arrays.copyOf(frame, 1 + random.nextInt(frame.length + 20));
      }
    }
    return frame;
  }
}
