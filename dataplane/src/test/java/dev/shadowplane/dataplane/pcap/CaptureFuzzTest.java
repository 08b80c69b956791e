package dev.shadowplane.dataplane.pcap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Mutated captures end in a clean end or in CaptureException, and allocate nothing for a lie. */
class CaptureFuzzTest {
  private static final int WARM_UP_FILES = 50;
  private static final int FILES = 3_000;
  private static final long HEAP_BYTES_A_FILE = 64 << 10;
  private static final int[] LIES = {0, 1, 3, 4, 12, 31, 0x7FFF_FFFF, 0x8000_0000, -1, -4, 262_145};

  @Test
  void mutatedCapturesNeverThrowAnythingElse() throws IOException {
    long seed = System.nanoTime();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    List<byte[]> corpus = corpus();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long most = 0;
    int longest = Integer.MIN_VALUE;
    long furthest = Long.MIN_VALUE;
    long read = 0;
    long damaged = 0;
    for (int i = 0; i < FILES; i++) {
      byte[] file = mutate(corpus.get(random.nextInt(corpus.size())), random);
      long before = threads.getCurrentThreadAllocatedBytes();
      try (CaptureReader reader = CaptureReaderTest.open(file)) {
        while (reader.next()) {
          read += reader.frame().capacity() + reader.direction();
          longest = Math.max(longest, reader.capturedLengthBytes() - file.length);
        }
      } catch (CaptureException e) {
        damaged++;
        furthest = Math.max(furthest, e.offsetBytes() - file.length);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + " file " + i, e);
      }
      if (i < WARM_UP_FILES) {
        continue;
      }
      most = Math.max(most, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(most).as("seed %d", seed).isLessThan(HEAP_BYTES_A_FILE);
    assertThat(longest).as("seed %d", seed).isNegative();
    assertThat(furthest).as("seed %d", seed).isNotPositive();
    assertThat(read).as("seed %d", seed).isPositive();
    assertThat(damaged).as("seed %d", seed).isBetween(1L, FILES - 1L);
  }

  private static List<byte[]> corpus() {
    List<byte[]> corpus = new ArrayList<>();
    byte[] data = new byte[61];
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      CaptureBytes classic = new CaptureBytes(order).pcapHeader(0xA1B23C4D, 4, 1);
      CaptureBytes ng = new CaptureBytes(order).section();
      ng.describeInterface(1, 64, ng.resolution(9), ng.offset(1)).describeInterface(1, 0);
      for (int i = 0; i < 4; i++) {
        classic.pcapRecord(i, i, data.length, 1_500, data);
        ng.enhancedPacket(
            i & 1, i, 1_500, data, ng.option(2, (byte) 1, (byte) 0, (byte) 0, (byte) 0));
        ng.simplePacket(data.length, data).obsoletePacket(0, i, 99, data).block(5, data);
      }
      corpus.add(classic.bytes());
      corpus.add(ng.section().describeInterface(1, 0).enhancedPacket(0, 1, 9, data).bytes());
    }
    return corpus;
  }

  private static byte[] mutate(byte[] original, RandomGenerator random) {
    byte[] file = original.clone();
    int mutations = random.nextInt(4);
    for (int i = 0; i < mutations; i++) {
      int at = random.nextInt(file.length - 4);
      switch (random.nextInt(4)) {
        case 0 -> file[at] = (byte) random.nextInt();
        case 1 -> putInt(file, at & ~3, LIES[random.nextInt(LIES.length)]);
        case 2 -> putInt(file, at & ~3, Integer.reverseBytes(LIES[random.nextInt(LIES.length)]));
        default -> file = Arrays.copyOf(file, Math.max(8, random.nextInt(file.length)));
      }
    }
    return file;
  }

  private static void putInt(byte[] file, int at, int value) {
    for (int i = 0; i < 4 && at + i < file.length; i++) {
      file[at + i] = (byte) (value >>> (8 * i));
    }
  }
}
