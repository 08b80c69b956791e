package dev.shadowplane.dataplane.telemetry;

import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.HEAD_POSITION_OFFSET;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.TAIL_POSITION_OFFSET;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordRingTest {
  private static final int CAPACITY = AttachmentConfig.MIN_RING_BYTES;
  private static final int HEAD = CAPACITY + HEAD_POSITION_OFFSET;

  private final UnsafeBuffer memory =
      new UnsafeBuffer(ByteBuffer.allocateDirect(RecordRing.fileLength(CAPACITY)));
  private final RecordRing ring = new RecordRing(memory);
  private final OneToOneRingBuffer consumer = new OneToOneRingBuffer(memory);

  @Test
  void consumerReadsWhatWasCommittedThroughEveryWrap() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final Queue<byte[]> sent = new ArrayDeque<>();
    int received = 0;
    for (int i = 0; i < 200_000; i++) {
      final byte[] message = new byte[random.nextInt(random.nextInt(50) == 0 ? 8185 : 200)];
      random.nextBytes(message);
      final int offset = ring.claim(message.length);
      if (offset >= 0) {
        ring.buffer().putBytes(offset, message);
        ring.commit(offset);
        sent.add(message);
      } else {
        assertThat(offset).as("seed %d", seed).isEqualTo(RecordRing.FULL);
      }
      if (offset < 0 || random.nextInt(100) == 0) {
        received += readAll(sent, seed);
      }
    }
    received += readAll(sent, seed);
    assertThat(sent).isEmpty();
    assertThat(received).isGreaterThan(100_000);
    assertThat(ring.isBroken()).isFalse();
  }

  private int readAll(final Queue<byte[]> sent, final long seed) {
    int total = 0;
    int read;
    do {
      // A read ends at the end of the ring: only two empty ones mean that nothing is left.
      read = read(sent, seed) + read(sent, seed);
      total += read;
    } while (read > 0);
    return total;
  }

  private int read(final Queue<byte[]> sent, final long seed) {
    return consumer.read((type, buffer, index, length) -> {
      final byte[] message = new byte[length];
      buffer.getBytes(index, message);
      assertThat(type).isEqualTo(RecordRing.BATCH_TYPE);
      assertThat(message).as("seed %d", seed).isEqualTo(sent.remove());
    });
  }

  @Test
  void fullRingRefusesUntilTheConsumerHasRead() {
    int claimed = 0;
    while (put(0x55) >= 0) {
      claimed++;
    }
    assertThat(put(0x55)).isEqualTo(RecordRing.FULL);
    assertThat(consumer.read((type, buffer, index, length) -> {}, 2)).isEqualTo(2);
    assertThat(put(0x66)).isGreaterThanOrEqualTo(0);
    final int[] last = new int[1];
    int read = 2;
    int more;
    do {
      more = consumer.read((type, buffer, index, length) -> last[0] = buffer.getInt(index));
      read += more;
    } while (more > 0);
    assertThat(read).isEqualTo(claimed + 1);
    assertThat(last[0]).isEqualTo(0x66);
  }

  @Test
  void tellsWhetherMoreThanAPartIsFull() {
    assertThat(ring.isFullerThan(0)).isFalse();
    int written = 0;
    while (written <= CAPACITY / 2) {
      assertThat(ring.isFullerThan(CAPACITY / 2)).isFalse();
      assertThat(put(0x55)).isGreaterThanOrEqualTo(0);
      written = (int) memory.getLong(CAPACITY + TAIL_POSITION_OFFSET);
    }
    assertThat(ring.isFullerThan(CAPACITY / 2)).isTrue();
    assertThat(ring.isFullerThan(written)).isFalse();
    assertThat(consumer.read((type, buffer, index, length) -> {}, 1)).isEqualTo(1);
    assertThat(ring.isFullerThan(CAPACITY / 2)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {CAPACITY * 4L, -8, Long.MIN_VALUE, Long.MAX_VALUE, 12, 65_537})
  void impossiblePositionBreaksTheRingWhereItIsAskedHowFullItIs(final long lie) {
    fill();
    memory.putLong(HEAD, lie);
    assertThat(ring.isFullerThan(CAPACITY / 2)).isTrue();
    assertBrokenForGood();
    assertThat(ring.isFullerThan(CAPACITY / 2)).isTrue();
  }

  @Test
  void claimThatIsNotCommittedIsVoid() {
    final int first = ring.claim(64);
    ring.buffer().putInt(first, 1);
    assertThat(consumer.read((type, buffer, index, length) -> {})).isZero();
    final int second = ring.claim(4);
    assertThat(second).isEqualTo(first);
    ring.buffer().putInt(second, 2);
    ring.commit(second);
    final int[] value = new int[2];
    assertThat(
            consumer.read((type, buffer, index, length) -> {
              value[0] = buffer.getInt(index);
              value[1] = length;
            }))
        .isEqualTo(1);
    assertThat(value).containsExactly(2, 4);
  }

  @Test
  void longestMessageFitsAndLongerOnesNeverDo() {
    assertThat(ring.maxLengthBytes()).isEqualTo(CAPACITY / 8 - 8);
    assertThat(ring.claim(ring.maxLengthBytes())).isGreaterThanOrEqualTo(0);
    assertThat(ring.claim(ring.maxLengthBytes() + 1)).isEqualTo(RecordRing.FULL);
    assertThat(ring.claim(Integer.MAX_VALUE)).isEqualTo(RecordRing.FULL);
    assertThat(ring.claim(-1)).isEqualTo(RecordRing.FULL);
    assertThat(ring.isBroken()).isFalse();
  }

  /** Positions of the consumer that no consumer has: beyond the tail, negative, between records. */
  @ParameterizedTest
  @ValueSource(longs = {CAPACITY * 4L, -8, Long.MIN_VALUE, Long.MAX_VALUE, 12, 65_537})
  void impossibleConsumerPositionBreaksTheRing(final long lie) {
    fill();
    memory.putLong(HEAD, lie);
    assertBrokenForGood();
  }

  @Test
  void rewoundConsumerPositionBreaksTheRing() {
    fill();
    consumer.read((type, buffer, index, length) -> {}, 100);
    fill();
    memory.putLong(HEAD, 8);
    assertBrokenForGood();
  }

  private void assertBrokenForGood() {
    assertThat(put(1)).isEqualTo(RecordRing.BROKEN);
    assertThat(ring.isBroken()).isTrue();
    memory.putLong(HEAD, 0);
    assertThat(put(1)).isEqualTo(RecordRing.BROKEN);
  }

  /** Control scribbles over all it can write to; the producer stays inside the ring and returns. */
  @Test
  void scribblingNeverLeadsOutsideTheRing() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final int guard = 4096;
    for (int round = 0; round < 200; round++) {
      final byte[] guardBytes = new byte[guard];
      Arrays.fill(guardBytes, (byte) 0x5a);
      final ByteBuffer around =
          ByteBuffer.allocateDirect(RecordRing.fileLength(CAPACITY) + 2 * guard);
      around.put(0, guardBytes).put(guard + RecordRing.fileLength(CAPACITY), guardBytes);
      final UnsafeBuffer shared = new UnsafeBuffer(around, guard, RecordRing.fileLength(CAPACITY));
      final RecordRing victim = new RecordRing(shared);
      for (int i = 0; i < 2_000; i++) {
        if (random.nextInt(4) == 0) {
          shared.putInt(random.nextInt(shared.capacity() / 4) * 4, random.nextInt());
        }
        if (random.nextInt(200) == 0) {
          shared.putLong(HEAD, random.nextBoolean() ? random.nextLong() : random.nextInt(1 << 20));
        }
        final int length = random.nextInt(400);
        final int offset = victim.claim(length);
        if (offset >= 0) {
          assertThat(offset).as("seed %d", seed).isBetween(8, CAPACITY - length);
          victim.buffer().setMemory(offset, length, (byte) 1);
          victim.commit(offset);
        }
      }
      final byte[] after = new byte[guard];
      around.get(0, after);
      assertThat(after).isEqualTo(guardBytes);
      around.get(guard + RecordRing.fileLength(CAPACITY), after);
      assertThat(after).isEqualTo(guardBytes);
    }
  }

  @Test
  void twoThreadsSeeEveryMessageOnceAndInOrder() throws Exception {
    final int messages = 500_000;
    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    final Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              final int[] next = {0};
              try {
                while (next[0] < messages && failure.get() == null) {
                  consumer.read((type, buffer, index, length) -> {
                    assertThat(buffer.getInt(index)).isEqualTo(next[0]);
                    assertThat(buffer.getInt(index + length - 4)).isEqualTo(next[0]);
                    next[0]++;
                  });
                }
              } catch (final Throwable e) {
                failure.set(e);
              }
            });
    for (int i = 0; i < messages && failure.get() == null; ) {
      final int length = 8 + (i % 60) * 4;
      final int offset = ring.claim(length);
      if (offset >= 0) {
        ring.buffer().putInt(offset, i);
        ring.buffer().putInt(offset + length - 4, i);
        ring.commit(offset);
        i++;
      } else {
        LockSupport.parkNanos(1);
      }
    }
    reader.join();
    assertThat(failure.get()).isNull();
  }

  /** Control cuts the file short under a worker in full flight: the worker's thread goes on. */
  @Test
  void cutFileNeverEndsTheWorker(@TempDir final Path directory) throws Exception {
    final Path file = directory.resolve("records.ring");
    final MappedByteBuffer mapping =
        TelemetryFiles.create(file, RecordRing.fileLength(CAPACITY), TelemetryFiles.WRITE_BY_GROUP);
    final RecordRing victim = new RecordRing(new UnsafeBuffer(mapping));
    final OneToOneRingBuffer reader = new OneToOneRingBuffer(new UnsafeBuffer(mapping.duplicate()));
    int committed = 0;
    int surfaced = 0;
    int brokenCycles = 0;
    boolean cut = false;
    while (brokenCycles < 100_000) {
      try {
        final int offset = victim.claim(64);
        if (offset >= 0) {
          victim.buffer().putLong(offset, committed++);
          victim.commit(offset);
        } else if (offset == RecordRing.BROKEN) {
          brokenCycles++;
        } else if (!cut) {
          reader.read((type, buffer, index, length) -> {});
        }
        if (committed > 500_000 && !cut) {
          cut = true;
          cut(file);
        }
      } catch (final InternalError e) {
        surfaced++;
        victim.markBroken();
      }
    }
    assertThat(cut).isTrue();
    assertThat(victim.isBroken()).isTrue();
    assertThat(surfaced).isLessThan(10);
  }

  private static void cut(final Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(0);
    }
  }

  private void fill() {
    int offset;
    do {
      offset = put(7);
    } while (offset >= 0);
    assertThat(offset).isEqualTo(RecordRing.FULL);
  }

  private int put(final int value) {
    final int offset = ring.claim(56);
    if (offset >= 0) {
      ring.buffer().putInt(offset, value);
      ring.commit(offset);
    }
    return offset;
  }
}
