package dev.shadowplane.dataplane.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MacPermutationTest {
  private static final long BROADCAST = 0xffff_ffff_ffffL;
  private static final long GROUP_AND_LOCAL = 0x0300_0000_0000L;
  private static final int MANY = 20_000;
  private final MacPermutation all = new MacPermutation(CryptoPanTest.REFERENCE_KEY, false);
  private final MacPermutation vendors = new MacPermutation(CryptoPanTest.REFERENCE_KEY, true);

  @Test
  void keepsTheBitsThatTellAGroupAndALocalAddressAndNoOthers() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    long inverted = 0;
    for (int i = 0; i < MANY; i++) {
      final long mac = random.nextLong() & BROADCAST;
      final long is = all.of(mac);
      assertThat(is & ~BROADCAST).isZero();
      assertThat(is & GROUP_AND_LOCAL)
          .as("seed %d: %x", seed, mac)
          .isEqualTo(mac & GROUP_AND_LOCAL);
      inverted |= is ^ mac;
    }
    assertThat(inverted).isEqualTo(BROADCAST & ~GROUP_AND_LOCAL);
  }

  /** A hash of 24 bits would let some hundred of so many meet. */
  @Test
  void givesEachAddressOneOfItsOwnWhetherRememberedOrNot() {
    final Map<Long, Long> first = new HashMap<>();
    for (long i = 1; i <= MANY * 4L; i++) {
      first.put(0x5254_0000_0000L | i, vendors.of(0x5254_0000_0000L | i));
    }
    assertThat(new HashSet<>(first.values())).hasSameSizeAs(first.keySet());
    first.forEach((mac, is) -> {
      assertThat(is >>> 24).isEqualTo(0x52_5400L);
      assertThat(vendors.of(mac)).isEqualTo(is);
    });
    first.replaceAll((mac, is) -> all.of(mac));
    assertThat(new HashSet<>(first.values())).hasSameSizeAs(first.keySet());
  }

  @Test
  void leavesBroadcastAndZeroToThemselves() {
    for (MacPermutation permutation : new MacPermutation[] {all, vendors}) {
      assertThat(permutation.of(0)).isZero();
      assertThat(permutation.of(BROADCAST)).isEqualTo(BROADCAST);
      for (long i = 1; i < MANY; i++) {
        assertThat(permutation.of(i)).isNotZero();
        assertThat(permutation.of(BROADCAST - i)).isNotEqualTo(BROADCAST);
      }
    }
  }

  @Test
  void dependsOnTheKey() {
    final byte[] key = CryptoPanTest.REFERENCE_KEY.clone();
    key[31] ^= 1;
    final MacPermutation other = new MacPermutation(key, false);
    assertThat(other.of(0x5254_0012_3456L)).isNotEqualTo(all.of(0x5254_0012_3456L));
  }
}
