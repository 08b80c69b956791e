package dev.shadowplane.dataplane.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

final class FlowHashTest {
  private static final int BUCKETS = 1024;
  private static final int FLOWS = 64 * BUCKETS;
  private final FlowHash hash = FlowHash.ofHex(ParsedRecord.KEY);

  @Test
  void isTheSameInBothDirections() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      final long a = random.nextLong();
      final long b = random.nextLong();
      final long c = random.nextLong();
      final long d = random.nextLong();
      final int ports = random.nextInt();
      final int swapped = ports << 16 | ports >>> 16;
      final int protocol = random.nextInt(256);
      assertThat(hash.ofIpv4(a << 32 | a >>> 32, swapped, protocol))
          .as("seed %d", seed)
          .isEqualTo(hash.ofIpv4(a, ports, protocol));
      assertThat(hash.ofIpv6(c, d, a, b, swapped, protocol))
          .as("seed %d", seed)
          .isEqualTo(hash.ofIpv6(a, b, c, d, ports, protocol));
    }
  }

  @Test
  void dependsOnEveryPartAndOnTheKey() {
    final Set<Integer> values = new HashSet<>();
    final long addresses = 0x0a000001_0a000002L;
    values.add(hash.ofIpv4(addresses, 0x0050_9c40, 6));
    for (int bit = 0; bit < 64; bit++) {
      values.add(hash.ofIpv4(addresses ^ 1L << bit, 0x0050_9c40, 6));
    }
    for (int bit = 0; bit < 32; bit++) {
      values.add(hash.ofIpv4(addresses, 0x0050_9c40 ^ 1 << bit, 6));
    }
    values.add(hash.ofIpv4(addresses, 0x0050_9c40, 17));
    // Ports exchanged without the addresses are another flow.
    values.add(hash.ofIpv4(addresses, 0x9c40_0050, 6));
    assertThat(values).hasSize(1 + 64 + 32 + 2);
    for (int i = 0; i < 2 * FlowHash.KEY_BYTES; i++) {
      final StringBuilder key = new StringBuilder(ParsedRecord.KEY);
      key.setCharAt(i, key.charAt(i) == 'f' ? '7' : 'f');
      values.add(FlowHash.ofHex(key.toString()).ofIpv4(addresses, 0x0050_9c40, 6));
    }
    assertThat(values).hasSize(1 + 64 + 32 + 2 + 2 * FlowHash.KEY_BYTES);
  }

  @Test
  void spreadsFlowsThatDifferLittle() {
    assertSpread(i -> hash.ofIpv4(0x0200000a_0100000aL, wire(i) << 16 | 0x5000, 6));
    assertSpread(i -> hash.ofIpv4((long) Integer.reverseBytes(i) << 32 | 0x0100000a, 0x5000, 17));
    // Both ports, then both with one sum, then both addresses.
    assertSpread(i -> hash.ofIpv4(0x0200000a_0100000aL, wire(i & 255) << 16 | wire(i >>> 8), 6));
    assertSpread(i -> hash.ofIpv4(0x0200000a_0100000aL, wire(i) << 16 | wire(65_535 - i), 6));
    assertSpread(i ->
        hash.ofIpv4(
            (long) Integer.reverseBytes(i & 255) << 32
                | Integer.toUnsignedLong(Integer.reverseBytes(0x0a010000 | i >>> 8)),
            0x5000,
            6));
    assertSpread(i -> hash.ofIpv6(1, Long.reverseBytes(i), 1, 2, 0x3500_0035, 17));
    assertSpread(i -> hash.ofIpv6(1, 3, 1, 2, i, 17));
    assertSpread(i -> hash.ofFrame(Long.reverseBytes(i) >>> 16, 0x1234, 0x0806));
  }

  @Test
  void hashesManyFlowsAsItHashesOne() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final long[] addresses = random.longs(FlowHash.BATCH).toArray();
    final long[] uppers = random.longs(FlowHash.BATCH, 0, 1L << 40).toArray();
    final long[] flows = new long[2 * FlowHash.BATCH];
    // Often enough to be compiled in between.
    for (int round = 0; round < 20_000; round++) {
      System.arraycopy(addresses, 0, flows, 0, FlowHash.BATCH);
      System.arraycopy(uppers, 0, flows, FlowHash.BATCH, FlowHash.BATCH);
      hash.ofIpv4(flows);
    }
    for (int i = 0; i < FlowHash.BATCH; i++) {
      assertThat(flows[i + FlowHash.BATCH])
          .as("seed %d", seed)
          .isEqualTo(
              Integer.toUnsignedLong(
                  hash.ofIpv4(addresses[i], (int) (uppers[i] >>> 8), (int) uppers[i] & 0xff)));
    }
  }

  private static int wire(int port) {
    return Short.toUnsignedInt(Short.reverseBytes((short) port));
  }

  @Test
  void refusesAKeyOfAnotherLength() {
    assertThatThrownBy(() -> FlowHash.ofHex("0011"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a flow hash key has 16 bytes, not 2");
  }

  /** Chi-squared over the buckets, at the low and at the high end of the 32 bits in a record. */
  private static void assertSpread(IntUnaryOperator flow) {
    final int[] low = new int[BUCKETS];
    final int[] high = new int[BUCKETS];
    for (int i = 0; i < FLOWS; i++) {
      final int value = flow.applyAsInt(i);
      low[value & BUCKETS - 1]++;
      high[value >>> 22]++;
    }
    // 1,023 degrees of freedom: mean 1,023, deviation 45; 6 deviations either way.
    assertThat(chiSquared(low)).isBetween(750.0, 1300.0);
    assertThat(chiSquared(high)).isBetween(750.0, 1300.0);
  }

  private static double chiSquared(int[] counts) {
    final double expected = (double) FLOWS / BUCKETS;
    double sum = 0;
    for (int count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }
}
