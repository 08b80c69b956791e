package dev.shadowplane.dataplane.packet;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** The first byte says how much of the frame, which follows, was captured. */
final class FrameParserJazzerTest {
  @FuzzTest(maxDuration = "60s")
  void readsNothingBehindWhatWasCaptured(byte[] input) {
    if (input.length == 0) {
      return;
    }
    final byte[] frame = Arrays.copyOfRange(input, 1, input.length);
    final int available = frame.length - Math.min(frame.length, input[0] & 0x7f);
    final ParsedRecord record = ParsedRecord.of(frame, available, frame.length, 0);
    assertThat(ParsedRecord.of(frame, available, frame.length, 0xff)).isEqualTo(record);
    for (boolean inner : new boolean[] {false, true}) {
      final ParsedRecord full = ParsedRecord.full(frame, available, frame.length, 0, inner);
      assertThat(ParsedRecord.full(frame, available, frame.length, 0xff, inner)).isEqualTo(full);
      assertThat(full.frameLength()).isEqualTo(frame.length);
    }
    assertThat(record.kind()).isIn(0, 4, 6);
    assertThat(record.frameLength()).isEqualTo(frame.length);
    assertThat(record.has(PacketRecord.FLAG_TRUNCATED) && available == frame.length).isFalse();
  }
}
