package dev.shadowplane.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.pcap.Direction;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** An endless series of frames, each computed from its number alone. */
final class TestFrames {
  static final long START_NS = 1_700_000_000_000_000_000L;
  static final int RULES = 5;
  static final List<JournalPort> PORTS =
      List.of(
          new JournalPort(0, "uplink", LinkType.ETHERNET),
          new JournalPort(7, "vm-7", LinkType.ETHERNET));

  private static final int MIN_BYTES = 60;
  private static final int RANGE_BYTES = 1_455;

  private final UnsafeBuffer memory =
      new UnsafeBuffer(ByteBuffer.allocateDirect(MIN_BYTES + RANGE_BYTES));

  static int lengthBytes(long number) {
    return MIN_BYTES + (int) (number * 7_919 % RANGE_BYTES);
  }

  static int ruleId(long number) {
    return (int) (number % RULES) - 1;
  }

  static int portIndex(long number) {
    return number % 2 == 0 ? 0 : 7;
  }

  static int direction(long number) {
    return number % 3 == 0 ? Direction.OUTBOUND : Direction.INBOUND;
  }

  static long timestampNs(long number) {
    return START_NS + number * 1_001;
  }

  static int originalLengthBytes(long number) {
    return lengthBytes(number) + (int) (number % 4);
  }

  static int flowHash(long number) {
    return (int) ((number * 0x9E3779B97F4A7C15L) >>> 32);
  }

  /** The frame's bytes, valid until the next call. */
  UnsafeBuffer fill(long number) {
    int length = lengthBytes(number);
    for (int at = 0; at < length; at++) {
      memory.putByte(at, (byte) (number * 31 + at * 7L));
    }
    memory.putLong(0, number);
    return memory;
  }

  boolean write(JournalRing ring, long number) {
    return ring.tryWrite(
        timestampNs(number),
        ruleId(number),
        originalLengthBytes(number),
        JournalRing.source(portIndex(number), direction(number), 0),
        flowHash(number),
        fill(number).addressOffset(),
        lengthBytes(number));
  }

  /** Checks every field and byte of the reader's frame, and returns the frame's number. */
  long check(JournalReader reader) {
    long number = reader.frame().getLong(0);
    assertThat(reader.capturedLengthBytes()).isEqualTo(lengthBytes(number));
    UnsafeBuffer expected = new UnsafeBuffer(fill(number), 0, lengthBytes(number));
    assertThat(reader.frame().equals(expected)).as("bytes of frame %d", number).isTrue();
    assertThat(
            new UnsafeBuffer(reader.frameAddress(), reader.capturedLengthBytes()).equals(expected))
        .isTrue();
    assertThat(reader.timestampNs()).isEqualTo(timestampNs(number));
    assertThat(reader.ruleId()).isEqualTo(ruleId(number));
    assertThat(reader.portIndex()).isEqualTo(portIndex(number));
    assertThat(reader.direction()).isEqualTo(direction(number));
    assertThat(reader.flags()).isZero();
    assertThat(reader.originalLengthBytes()).isEqualTo(originalLengthBytes(number));
    assertThat(reader.flowHash()).isEqualTo(flowHash(number));
    return number;
  }
}
