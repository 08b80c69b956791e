package dev.shadowplane.dataplane.telemetry;

import static dev.shadowplane.dataplane.telemetry.CommandRing.Poll.COMMAND;
import static dev.shadowplane.dataplane.telemetry.CommandRing.Poll.EMPTY;
import static dev.shadowplane.dataplane.telemetry.CommandRing.Poll.FAULT;
import static dev.shadowplane.dataplane.telemetry.CommandRing.Poll.PADDING;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.HEAD_POSITION_OFFSET;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.TAIL_POSITION_OFFSET;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandRingTest {
  private static final int CAPACITY = AttachmentConfig.MIN_RING_BYTES;

  private final UnsafeBuffer memory =
      new UnsafeBuffer(ByteBuffer.allocateDirect(RecordRing.fileLength(CAPACITY)));
  private final OneToOneRingBuffer control = new OneToOneRingBuffer(memory);
  private final CommandRing ring = new CommandRing(memory);

  @Test
  void readsCommandsOneByOneThroughEveryWrap() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    int paddings = 0;
    for (int i = 0; i < 20_000; i++) {
      final String body = "ä€𝄞x".repeat(random.nextInt(300));
      assertThat(write(CommandType.RULE_ADD.id(), i, body.getBytes(StandardCharsets.UTF_8)))
          .as("seed %d", seed)
          .isTrue();
      CommandRing.Poll poll = ring.poll();
      if (poll == PADDING) {
        paddings++;
        poll = ring.poll();
      }
      assertThat(poll).as("seed %d: %s", seed, ring.fault()).isEqualTo(COMMAND);
      assertThat(ring.correlationId()).isEqualTo(i);
      assertThat(ring.type()).isEqualTo(CommandType.RULE_ADD);
      assertThat(ring.body()).isEqualTo(body);
    }
    assertThat(paddings).isGreaterThan(10);
    assertThat(ring.poll()).isEqualTo(EMPTY);
  }

  @Test
  void halfWrittenCommandIsNotSeen() {
    final int offset = control.tryClaim(CommandType.PORTS.id(), 8);
    assertThat(ring.poll()).isEqualTo(EMPTY);
    control.commit(offset);
    assertThat(ring.poll()).isEqualTo(COMMAND);
  }

  @Test
  void longestCommandIsRead() {
    assertThat(write(CommandType.STATUS.id(), 1, new byte[CAPACITY / 8 - 16])).isTrue();
    assertThat(ring.poll()).isEqualTo(COMMAND);
    assertThat(ring.body()).hasSize(CAPACITY / 8 - 16);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {1, 7, 8, 15, CAPACITY / 8 + 1, CAPACITY, CAPACITY + 1, 1 << 30, Integer.MAX_VALUE})
  void impossibleLengthIsAFault(final int lie) {
    memory.putInt(4, CommandType.PORTS.id());
    memory.putInt(0, lie);
    assertThat(ring.poll()).isEqualTo(FAULT);
    assertThat(ring.fault()).contains("length " + lie);
  }

  @Test
  void lengthBeyondTheEndOfTheRingIsAFault() {
    while (head() < CAPACITY - 64) {
      write(CommandType.PORTS.id(), 1, new byte[40]);
      assertThat(ring.poll()).isEqualTo(COMMAND);
    }
    final int index = (int) head();
    memory.putInt(index + 4, CommandType.PORTS.id());
    memory.putInt(index, CAPACITY - index + 8);
    assertThat(ring.poll()).isEqualTo(FAULT);
  }

  @Test
  void paddingBeyondTheEndOfTheRingIsAFault() {
    memory.putInt(4, -1);
    memory.putInt(0, CAPACITY + 8);
    assertThat(ring.poll()).isEqualTo(FAULT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, -2, 1000, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void unknownTypeIsAFault(final int lie) {
    memory.putInt(4, lie);
    memory.putInt(0, 16);
    assertThat(ring.poll()).isEqualTo(FAULT);
    assertThat(ring.fault()).contains("type " + lie);
  }

  @Test
  void bodyThatIsNotUtf8IsAFault() {
    write(CommandType.RULE_ADD.id(), 1, new byte[] {'a', (byte) 0xc3, '('});
    assertThat(ring.poll()).isEqualTo(FAULT);
    assertThat(ring.fault()).contains("UTF-8");
  }

  @Test
  void positionsInTheMappingAreNotBelieved() {
    write(CommandType.PORTS.id(), 1, new byte[0]);
    assertThat(ring.poll()).isEqualTo(COMMAND);
    memory.putLong(CAPACITY + HEAD_POSITION_OFFSET, -8);
    memory.putLong(CAPACITY + TAIL_POSITION_OFFSET, Long.MIN_VALUE);
    assertThat(ring.poll()).isEqualTo(EMPTY);
    memory.putInt(16 + 4, CommandType.STATUS.id());
    memory.putLong(16 + 8, 2);
    memory.putIntRelease(16, 16);
    assertThat(ring.poll()).isEqualTo(COMMAND);
    assertThat(ring.correlationId()).isEqualTo(2);
    assertThat(head()).isEqualTo(32);
  }

  /** Whatever lies in the mapping, a poll returns one of its answers. */
  @Test
  void scribblingIsReadOrRefused() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    int faults = 0;
    for (int round = 0; round < 20_000; round++) {
      final CommandRing victim = new CommandRing(memory);
      final int[] lengths = {8, 16, 24, 64, CAPACITY / 8, CAPACITY - 8, random.nextInt()};
      for (int i = 0; i < 64; i++) {
        memory.putInt(i * 8, lengths[random.nextInt(lengths.length)]);
        memory.putInt(i * 8 + 4, random.nextInt(9) - 1);
      }
      CommandRing.Poll poll = victim.poll();
      for (int i = 0; i < 20 && poll != FAULT; i++) {
        poll = victim.poll();
      }
      faults += poll == FAULT ? 1 : 0;
    }
    assertThat(faults).as("seed %d", seed).isGreaterThan(1_000);
  }

  private long head() {
    return memory.getLong(CAPACITY + HEAD_POSITION_OFFSET);
  }

  private boolean write(final int type, final long correlationId, final byte[] body) {
    final UnsafeBuffer message = new UnsafeBuffer(new byte[8 + body.length]);
    message.putLong(0, correlationId);
    message.putBytes(8, body);
    return control.write(type, message, 0, message.capacity());
  }
}
