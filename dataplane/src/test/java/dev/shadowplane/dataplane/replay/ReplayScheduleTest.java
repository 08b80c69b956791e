package dev.shadowplane.dataplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Times are worked out from the beginning, in whole numbers. */
final class ReplayScheduleTest {
  private static final long SECOND_NS = 1_000_000_000L;

  private static ReplaySchedule schedule(ReplayTiming timing) {
    return new ReplaySchedule(timing, Long.MAX_VALUE);
  }

  @Test
  void theIntervalsOfTheSourceAreKept() {
    final ReplaySchedule schedule = schedule(ReplayTiming.ORIGINAL);
    final long begin = 1_800_000_000L * SECOND_NS;
    assertThat(schedule.due(begin, 64)).isZero();
    assertThat(schedule.due(begin + 1, 64)).isEqualTo(1);
    assertThat(schedule.due(begin + 1, 64)).isEqualTo(1);
    assertThat(schedule.due(begin + 5 * SECOND_NS, 64)).isEqualTo(5 * SECOND_NS);
  }

  /** Each time against the same worked out with numbers of any size. */
  @Test
  void nothingAddsUpOverAnyLength() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int speed : new int[] {100, 3_333, 10_000, 15_707, 1_000_000}) {
      final ReplaySchedule schedule = schedule(new ReplayTiming.Scaled(speed));
      long at = random.nextLong(0, 1L << 60);
      final long begin = at;
      schedule.due(at, 64);
      for (int i = 0; i < 100_000; i++) {
        at += random.nextLong(0, 1L << 33);
        final BigInteger exact =
            BigInteger.valueOf(at - begin)
                .multiply(BigInteger.valueOf(10_000))
                .divide(BigInteger.valueOf(speed));
        assertThat(schedule.due(at, 64))
            .as("seed %d, speed %d, frame %d", seed, speed, i)
            .isEqualTo(exact.longValueExact());
      }
    }
  }

  @Test
  void aRateOfPacketsIsExactAfterAnyNumber() {
    final ReplaySchedule schedule = schedule(new ReplayTiming.PacketRate(3));
    for (long i = 0; i < 1_000_000; i++) {
      final long due = schedule.due(-i, 1_500);
      if (i % 9_999 == 0) {
        assertThat(due).isEqualTo(i * SECOND_NS / 3);
      }
    }
  }

  @Test
  void aRateOfBitsIsExactAfterAnyNumber() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final long rate = 99_999_999_999L;
    final ReplaySchedule schedule = schedule(new ReplayTiming.BitRate(rate));
    BigInteger bits = BigInteger.ZERO;
    for (int i = 0; i < 200_000; i++) {
      final int length = random.nextInt(14, 65_536);
      assertThat(schedule.due(0, length))
          .as("seed %d", seed)
          .isEqualTo(
              bits.multiply(BigInteger.valueOf(SECOND_NS))
                  .divide(BigInteger.valueOf(rate))
                  .longValueExact());
      bits = bits.add(BigInteger.valueOf(8L * length));
    }
  }

  @Test
  void atTopSpeedEverythingIsDue() {
    final ReplaySchedule schedule = schedule(new ReplayTiming.TopSpeed());
    assertThat(schedule.due(7, 64)).isZero();
    assertThat(schedule.due(SECOND_NS, 64)).isZero();
  }

  /** The first frame of a loop comes a mean interval after the last. */
  @Test
  void loopsContinueTheTimeline() {
    final ReplaySchedule schedule = schedule(new ReplayTiming.Scaled(20_000));
    for (int loop = 0; loop < 5; loop++) {
      for (int i = 0; i < 4; i++) {
        assertThat(schedule.due(1_000 + 100 * i, 64)).isEqualTo((400 * loop + 100 * i) / 2);
      }
      schedule.loop();
    }
  }

  @Test
  void aSeekBeginsAnew() {
    final ReplaySchedule schedule = schedule(ReplayTiming.ORIGINAL);
    schedule.due(100, 64);
    schedule.due(200, 64);
    schedule.restart();
    assertThat(schedule.due(150, 64)).isZero();
    assertThat(schedule.due(170, 64)).isEqualTo(20);
  }

  @Test
  void longGapsAreCut() {
    final ReplaySchedule schedule = new ReplaySchedule(ReplayTiming.ORIGINAL, 1_000);
    schedule.due(0, 64);
    assertThat(schedule.due(5, 64)).isEqualTo(5);
    assertThat(schedule.due(Long.MAX_VALUE, 64)).isEqualTo(1_005);
    assertThat(schedule.due(Long.MAX_VALUE, 64)).isEqualTo(1_005);
  }

  @Test
  void absurdTimesEndAtNever() {
    for (int speed : new int[] {100, 10_000, 1_000_000}) {
      final ReplaySchedule schedule = schedule(new ReplayTiming.Scaled(speed));
      assertThat(schedule.due(Long.MIN_VALUE, 64)).isZero();
      for (int i = 0; i < 10; i++) {
        schedule.loop();
        schedule.due(Long.MIN_VALUE, 64);
        assertThat(schedule.due(Long.MAX_VALUE, 64))
            .isPositive()
            .isLessThanOrEqualTo(ReplaySchedule.NEVER);
      }
    }
  }

  @Test
  void aTimeBeforeTheLastStandsForThat() {
    final ReplaySchedule schedule = schedule(ReplayTiming.ORIGINAL);
    schedule.due(100, 64);
    schedule.due(200, 64);
    assertThat(schedule.due(150, 64)).isEqualTo(100);
    assertThat(schedule.due(260, 64)).isEqualTo(160);
  }

  @Test
  void speedsAreReadExactly() {
    assertThat(ReplayTiming.Scaled.of("0.01").speed()).isEqualTo(100);
    assertThat(ReplayTiming.Scaled.of("1.25").speed()).isEqualTo(12_500);
    assertThat(ReplayTiming.Scaled.of("100").speed()).isEqualTo(1_000_000);
    for (String wrong : new String[] {"0.009", "100.1", "1.00001", "fast", "-1", "NaN"}) {
      assertThatThrownBy(() -> ReplayTiming.Scaled.of(wrong))
          .as(wrong)
          .hasMessageContaining("0.01 to 100");
    }
  }
}
