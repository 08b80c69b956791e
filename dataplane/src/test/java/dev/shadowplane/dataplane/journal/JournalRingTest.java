package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class JournalRingTest {
  private final JournalRing ring = JournalRing.allocate(4_096);
  private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(4_096));
  private final List<String> messages = new ArrayList<>();

  private void read() {
    ring.ring()
        .read((type, buffer, index, length) -> {
          assertThat(type).isEqualTo(JournalRing.FRAME_MESSAGE_TYPE);
          byte[] bytes = new byte[length];
          buffer.getBytes(index, bytes);
          messages.add(HexFormat.of().formatHex(bytes));
        });
  }

  @Test
  void layoutIsLittleEndian() {
    memory.putBytes(0, new byte[] {0x61, 0x62, 0x63});
    boolean written =
        ring.tryWrite(
            0x0102030405060708L,
            0x11121314,
            0x21222324,
            JournalRing.source(0x3132, 0x33, 0x34),
            0x41424344,
            memory.addressOffset(),
            3);
    assertThat(written).isTrue();
    read();
    assertThat(messages)
        .containsExactly(
            "0807060504030201" + "14131211" + "24232221" + "32313334" + "44434241" + "616263");
  }

  @Test
  void segmentsBecomeOneFrame() {
    memory.putBytes(0, new byte[] {1, 2, 3, 4, 5});
    assertThat(ring.tryClaim(0, 0, 5, 0, 0, 5)).isTrue();
    ring.append(memory.addressOffset() + 3, 2);
    read();
    assertThat(messages).isEmpty();
    ring.append(memory.addressOffset(), 3);
    ring.commit();
    read();
    assertThat(messages)
        .containsExactly("00".repeat(12) + "05000000" + "00".repeat(8) + "0405010203");
  }

  @Test
  void refusalsAreNamedAndTakeNothing() {
    assertThat(ring.maxFrameBytes()).isEqualTo(4_096 / 8 - 24);
    assertThat(ring.tryWrite(0, 0, 0, 0, 0, memory.addressOffset(), ring.maxFrameBytes() + 1))
        .isFalse();
    assertThat(ring.refusal()).isEqualTo(ShedReason.FRAME_TOO_LONG);
    int written = 0;
    while (ring.tryWrite(0, 0, 0, 0, 0, memory.addressOffset(), ring.maxFrameBytes())) {
      written++;
    }
    assertThat(ring.refusal()).isEqualTo(ShedReason.RING_FULL);
    read();
    assertThat(messages).hasSize(written).hasSizeBetween(5, 8);
    assertThat(ring.tryWrite(0, 0, 0, 0, 0, memory.addressOffset(), 0)).isTrue();
  }

  @Test
  void reasonsHaveStableLabels() {
    assertThat(ShedReason.values())
        .extracting(ShedReason::label)
        .containsExactly("journal-ring-full", "journal-frame-too-long", "journal-failed");
  }
}
