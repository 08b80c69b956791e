package dev.shadowplane.dataplane.ipfix;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NtpTimeTest {
  /** 2036-02-07 06:28:16 UTC. */
  private static final long ERA_1_SECONDS = (1L << 32) - 2_208_988_800L;

  @Test
  void shouldCountSecondsSince1900() {
    assertThat(NtpTime.of(0)).isEqualTo(2_208_988_800L << 32);
    assertThat(NtpTime.of(500_000_000)).isEqualTo(2_208_988_800L << 32 | 0x8000_0000L);
    assertThat(NtpTime.of(-1) >>> 32).isEqualTo(2_208_988_799L);
  }

  @Test
  void shouldBeginAgainWithTheNextEra() {
    assertThat(NtpTime.of(ERA_1_SECONDS * 1_000_000_000 - 1) >>> 32).isEqualTo(0xffff_ffffL);
    assertThat(NtpTime.of(ERA_1_SECONDS * 1_000_000_000)).isZero();
    assertThat(NtpTime.of((ERA_1_SECONDS + 5) * 1_000_000_000)).isEqualTo(5L << 32);
  }

  /** Whoever converts back gets the same nanosecond, whether cut off or rounded. */
  @Test
  void shouldLoseNoNanosecond() {
    final long seed = System.nanoTime();
    final SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 100_000; i++) {
      final int ns = i < 10 ? 999_999_999 - i : random.nextInt(1_000_000_000);
      final long fraction = NtpTime.of(1_795_000_000_000_000_000L + ns) & 0xffff_ffffL;
      final BigInteger scaled =
          BigInteger.valueOf(fraction).multiply(BigInteger.valueOf(1_000_000_000));
      assertThat(scaled.shiftRight(32).intValueExact()).as("seed %d", seed).isEqualTo(ns);
      assertThat(scaled.add(BigInteger.ONE.shiftLeft(31)).shiftRight(32).intValueExact())
          .as("seed %d", seed)
          .isEqualTo(ns);
    }
  }
}
