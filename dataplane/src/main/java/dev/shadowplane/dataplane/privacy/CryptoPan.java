package dev.shadowplane.dataplane.privacy;

import static java.nio.ByteOrder.BIG_ENDIAN;

import dev.shadowplane.dataplane.config.IpPrefix;
import java.nio.ByteBuffer;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;

/**
 * Prefix-preserving anonymisation of addresses: two addresses have as many leading bits in common
 * after as before, and no two become one (Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address
 * Anonymization", ICNP 2002, with AES as its reference implementation has it; IPv6 likewise over
 * 128 bits). Whether a bit is inverted depends on all bits before it.
 *
 * <p>Addresses of kept prefixes stay as they are. Since prefixes are preserved, the bits that other
 * addresses have in common with them stay too. Of solicited-node groups (RFC 4291, section 2.7.1)
 * the last 24 bits, which are those of a host's address, are never kept.
 *
 * <p>An address costs 32 or 128 AES blocks; those of recent addresses and prefixes are remembered
 * in tables that never grow. Allocates nothing; one thread.
 */
final class CryptoPan {
  private static final int BLOCK_BYTES = 16;
  private static final int BLOCKS = 64;
  private static final int HALF_BITS = 64;
  private static final int IPV4_BITS = 32;
  private static final int IPV4_PREFIX_BITS = 16;
  private static final int ADDRESSES = 1 << 15;
  private static final int IPV6_ADDRESSES = 1 << 13;
  private static final int IPV6_PREFIXES = 1 << 10;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;
  private static final long SOLICITED_HIGH = 0xff02_0000_0000_0000L;
  private static final long SOLICITED_LOW = 0x0000_0001_ff00_0000L;
  private static final long SOLICITED_MASK = 0xffff_ffff_ff00_0000L;

  private final Cipher cipher;
  private final long padHigh;
  private final long padLow;
  private final List<IpPrefix> keep4;
  private final List<IpPrefix> keep6;
  private final ByteBuffer input = ByteBuffer.allocate(BLOCKS * BLOCK_BYTES).order(BIG_ENDIAN);
  private final byte[] output = new byte[BLOCKS * BLOCK_BYTES];

  /** By the first half of an IPv4 address: what inverts it, and a bit that says it is known. */
  private final int[] prefixes = new int[1 << IPV4_PREFIX_BITS];

  /** An address in the upper half, what it becomes in the lower. */
  private final long[] addresses = new long[ADDRESSES];

  /** The first half of an IPv6 address, and what inverts it. */
  private final long[] prefixes6 = new long[2 * IPV6_PREFIXES];

  /** An IPv6 address, and what inverts it. */
  private final long[] addresses6 = new long[4 * IPV6_ADDRESSES];

  private long high;
  private long low;

  CryptoPan(byte[] key, List<IpPrefix> keep) {
    cipher = AnonymisationKey.addressCipher(key);
    input.put(key, BLOCK_BYTES, BLOCK_BYTES);
    encrypt(1);
    final ByteBuffer pad = ByteBuffer.wrap(output);
    padHigh = pad.getLong(0);
    padLow = pad.getLong(Long.BYTES);
    keep4 = keep.stream().filter(prefix -> !prefix.isIpv6()).toList();
    keep6 = keep.stream().filter(IpPrefix::isIpv6).toList();
    // Every entry says something true from the beginning: what address 0 becomes.
    final long zero = Integer.toUnsignedLong(compute(0));
    for (int i = 0; i < ADDRESSES; i++) {
      addresses[i] = zero;
    }
    final long zeroPrefix = flips(0, 0, 0, HALF_BITS);
    for (int i = 0; i < IPV6_PREFIXES; i++) {
      prefixes6[2 * i + 1] = zeroPrefix;
    }
    compute(0, 0);
    for (int i = 0; i < IPV6_ADDRESSES; i++) {
      addresses6[4 * i + 2] = high;
      addresses6[4 * i + 3] = low;
    }
  }

  /** What an IPv4 address becomes; both as numbers. */
  int ipv4(int address) {
    final int slot = (int) ((address * SPREAD) >>> 49);
    final long entry = addresses[slot];
    if ((int) (entry >>> IPV4_BITS) == address) {
      return (int) entry;
    }
    final int result = compute(address);
    addresses[slot] = (long) address << IPV4_BITS | Integer.toUnsignedLong(result);
    return result;
  }

  /** Anonymises an IPv6 address; the result is in {@link #high} and {@link #low}. */
  void ipv6(long addressHigh, long addressLow) {
    final int slot = 4 * (int) (((addressHigh * 31 + addressLow) * SPREAD) >>> 51);
    if (addresses6[slot] != addressHigh || addresses6[slot + 1] != addressLow) {
      compute(addressHigh, addressLow);
      addresses6[slot] = addressHigh;
      addresses6[slot + 1] = addressLow;
      addresses6[slot + 2] = high;
      addresses6[slot + 3] = low;
    }
    high = addressHigh ^ addresses6[slot + 2];
    low = addressLow ^ addresses6[slot + 3];
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }

  private int compute(int address) {
    final long left = (long) address << IPV4_BITS;
    final int index = address >>> IPV4_PREFIX_BITS;
    if (prefixes[index] == 0) {
      prefixes[index] = (int) (flips(left, 0, 0, IPV4_PREFIX_BITS) >>> 48) | 1 << IPV4_PREFIX_BITS;
    }
    final long first = (long) prefixes[index] << 48;
    final long rest = flips(left, 0, IPV4_PREFIX_BITS, IPV4_BITS);
    final int kept = kept(keep4, 0, Integer.toUnsignedLong(address));
    return address ^ (int) (((first | rest) & belowBit(kept)) >>> IPV4_BITS);
  }

  /** Sets {@link #high} and {@link #low} to what inverts the address. */
  private void compute(long addressHigh, long addressLow) {
    final int slot = 2 * (int) ((addressHigh * SPREAD) >>> 54);
    if (prefixes6[slot] != addressHigh) {
      prefixes6[slot + 1] = flips(addressHigh, 0, 0, HALF_BITS);
      prefixes6[slot] = addressHigh;
    }
    final boolean solicited =
        addressHigh == SOLICITED_HIGH && (addressLow & SOLICITED_MASK) == SOLICITED_LOW;
    final int kept =
        Math.min(kept(keep6, addressHigh, addressLow), solicited ? 104 : 2 * HALF_BITS);
    high = prefixes6[slot + 1] & belowBit(kept);
    low =
        kept == 2 * HALF_BITS
            ? 0
            : flips(addressHigh, addressLow, HALF_BITS, 2 * HALF_BITS) & belowBit(kept - HALF_BITS);
  }

  /** Inverts nothing in the first {@code kept} bits of 64. */
  private static long belowBit(int kept) {
    return kept <= 0 ? -1L : kept >= HALF_BITS ? 0 : -1L >>> kept;
  }

  /**
   * How many leading bits stay: all within a kept prefix, and otherwise those in common with one
   * and the bit behind, which has to go on telling the two apart.
   */
  private static int kept(List<IpPrefix> keep, long addressHigh, long addressLow) {
    int kept = 0;
    for (int i = 0; i < keep.size(); i++) {
      final IpPrefix prefix = keep.get(i);
      final int common =
          prefix.isIpv6()
              ? common(addressHigh ^ prefix.high(), addressLow ^ prefix.low())
              : common((addressLow ^ prefix.low()) << IPV4_BITS, -1L);
      if (common >= prefix.length()) {
        return 2 * HALF_BITS;
      }
      kept = Math.max(kept, common + 1);
    }
    return kept;
  }

  private static int common(long differenceHigh, long differenceLow) {
    return differenceHigh != 0
        ? Long.numberOfLeadingZeros(differenceHigh)
        : HALF_BITS + Long.numberOfLeadingZeros(differenceLow);
  }

  /**
   * Which of the bits {@code from} to {@code to}, at most 64 of one half, are inverted.
   *
   * @return aligned as in that half
   */
  private long flips(long addressHigh, long addressLow, int from, int to) {
    for (int bit = from; bit < to; bit++) {
      final long maskHigh = bit == 0 ? 0 : bit >= HALF_BITS ? -1L : -1L << (HALF_BITS - bit);
      final long maskLow = bit <= HALF_BITS ? 0 : -1L << (2 * HALF_BITS - bit);
      final int at = (bit - from) * BLOCK_BYTES;
      input.putLong(at, (addressHigh & maskHigh) | (padHigh & ~maskHigh));
      input.putLong(at + Long.BYTES, (addressLow & maskLow) | (padLow & ~maskLow));
    }
    encrypt(to - from);
    long flips = 0;
    for (int bit = from; bit < to; bit++) {
      flips |= (long) (output[(bit - from) * BLOCK_BYTES] >>> 7 & 1) << (HALF_BITS - 1 - bit);
    }
    return flips;
  }

  private void encrypt(int blocks) {
    try {
      cipher.update(input.array(), 0, blocks * BLOCK_BYTES, output, 0);
    } catch (ShortBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
