package dev.shadowplane.dataplane.privacy;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.ByteBuffer;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;

/**
 * Replaces MAC addresses: a keyed permutation (a Feistel network of ten rounds, whose function is
 * AES), so that no two become one, as they would by a hash cut to 24 bits. Broadcast and zero stay,
 * and so do either the bits that tell a group's and a local address or the first three bytes.
 * Recent ones are remembered in a table that never grows. Allocates nothing; one thread.
 */
final class MacPermutation {
  private static final int BLOCK_BYTES = 16;
  private static final int ROUNDS = 10;
  private static final int SLOTS = 1 << 12;
  private static final long BROADCAST = 0xffff_ffff_ffffL;
  private static final long GROUP_AND_LOCAL = 0x0300_0000_0000L;
  private static final long OUI = 0xffff_ff00_0000L;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final Cipher cipher;
  private final boolean keepOui;
  private final ByteBuffer input = ByteBuffer.allocate(BLOCK_BYTES).order(BIG_ENDIAN);
  private final ByteBuffer output = ByteBuffer.allocate(BLOCK_BYTES).order(BIG_ENDIAN);

  /** An address and what it becomes; at first zero, which stays zero. */
  private final long[] known = new long[2 * SLOTS];

  MacPermutation(byte[] key, boolean keepOui) {
    cipher = AnonymisationKey.macCipher(key);
    this.keepOui = keepOui;
  }

  /** What an address of 48 bits becomes. */
  long of(long mac) {
    final int slot = 2 * (int) ((mac * SPREAD) >>> 52);
    if (known[slot] != mac) {
      known[slot + 1] = compute(mac);
      known[slot] = mac;
    }
    return known[slot + 1];
  }

  private long compute(long mac) {
    if (mac == 0 || mac == BROADCAST) {
      return mac;
    }
    long result = mac;
    do {
      // Of what would become one of the two that stay, walk on along the cycle.
      result = keepOui ? behindOui(result) : all(result);
    } while (result == 0 || result == BROADCAST);
    return result;
  }

  private long behindOui(long mac) {
    return (mac & OUI) | permute(mac & ~OUI, 12, mac & OUI);
  }

  private long all(long mac) {
    // 46 bits: the two that stay lie between the first 6 and the others.
    final long free = (mac >>> 42) << 40 | (mac & 0xff_ffff_ffffL);
    final long permuted = permute(free, 23, mac & GROUP_AND_LOCAL);
    return (permuted >>> 40) << 42 | (mac & GROUP_AND_LOCAL) | (permuted & 0xff_ffff_ffffL);
  }

  private long permute(long value, int halfBits, long tweak) {
    final long mask = (1L << halfBits) - 1;
    long left = value >>> halfBits;
    long right = value & mask;
    for (int round = 0; round < ROUNDS; round++) {
      final long next = left ^ (function(round, tweak, right) & mask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }

  private long function(int round, long tweak, long half) {
    input.putLong(0, (long) (round + 1) << 56 | tweak);
    input.putLong(Long.BYTES, half);
    try {
      cipher.update(input.array(), 0, BLOCK_BYTES, output.array(), 0);
    } catch (ShortBufferException e) {
      throw new IllegalStateException(e);
    }
    return output.getLong(0);
  }
}
