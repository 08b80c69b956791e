package dev.shadowplane.dataplane.privacy;

import static java.nio.ByteOrder.BIG_ENDIAN;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.Anonymisation.Macs;
import dev.shadowplane.dataplane.config.Anonymisation.Payload;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The frame in hand, changed field by field. Keeps account of what each change does to the sum of
 * the frame's 16-bit words, so that any checksum over a part of it can be updated by the difference
 * (RFC 1624): one that was wrong stays as wrong as it was. One thread; allocates nothing.
 */
final class FrameEdit {
  private static final int ONES = 0xffff;
  private static final DirectBuffer NOTHING = new UnsafeBuffer(0, 0);

  private final CryptoPan addresses;
  private final MacPermutation macPermutation;
  private final boolean changesAddresses;
  private final boolean changesMacs;
  private final Payload payload;
  private MutableDirectBuffer buffer = new UnsafeBuffer(NOTHING);
  private int base;
  private long changed;
  private int understood;

  FrameEdit(Anonymisation config, byte[] key) {
    addresses = new CryptoPan(key, config.keep());
    macPermutation = new MacPermutation(key, config.macs() == Macs.HASH_KEEP_OUI);
    changesAddresses = config.addresses();
    changesMacs = config.macs() != Macs.KEEP;
    payload = config.payload();
  }

  void begin(MutableDirectBuffer frame, int offset) {
    buffer = frame;
    base = offset;
    changed = 0;
    understood = offset;
  }

  /** How much of the frame is to be kept, of {@code length} bytes. */
  int kept(int length) {
    return payload == Payload.DROP ? understood - base : length;
  }

  /** Whether what is not understood stays as it is. */
  boolean keepsPayload() {
    return payload == Payload.KEEP;
  }

  /** Whether every fragment of a packet is blanked behind the headers. */
  boolean blanksPayload() {
    return payload == Payload.BLANK;
  }

  int u8(int at) {
    return buffer.getByte(at) & 0xff;
  }

  int u16(int at) {
    return buffer.getShort(at, BIG_ENDIAN) & ONES;
  }

  int u32(int at) {
    return buffer.getInt(at, BIG_ENDIAN);
  }

  /**
   * The sum of what has been changed so far, as 16-bit words of the frame: the difference of two
   * such sums is what has changed in between. Modulo 65,535.
   */
  long changed() {
    return changed;
  }

  void put8(int at, int value) {
    changed += (long) (value - u8(at)) << (isEven(at) ? 8 : 0);
    buffer.putByte(at, (byte) value);
  }

  void ipv4(int at) {
    if (changesAddresses) {
      put32(at, addresses.ipv4(u32(at)));
    }
  }

  void ipv6(int at) {
    if (changesAddresses) {
      addresses.ipv6(buffer.getLong(at, BIG_ENDIAN), buffer.getLong(at + 8, BIG_ENDIAN));
      putHalf(at, addresses.high());
      putHalf(at + 8, addresses.low());
    }
  }

  /** A prefix that stands for an address of {@code bytes} bytes: the bits behind it become zero. */
  void ipv6Prefix(int at, int bytes, int bits) {
    if (!changesAddresses) {
      return;
    }
    long low = 0;
    long high = 0;
    for (int i = 0; i < bytes; i++) {
      if (i < 8) {
        high |= (long) u8(at + i) << (56 - 8 * i);
      } else {
        low |= (long) u8(at + i) << (120 - 8 * i);
      }
    }
    addresses.ipv6(high, low);
    high = addresses.high() & (bits == 0 ? 0 : bits >= 64 ? -1L : -1L << (64 - bits));
    low = addresses.low() & (bits <= 64 ? 0 : bits >= 128 ? -1L : -1L << (128 - bits));
    for (int i = 0; i < bytes; i++) {
      put8(at + i, (int) ((i < 8 ? high >>> (56 - 8 * i) : low >>> (120 - 8 * i)) & 0xff));
    }
  }

  void mac(int at) {
    if (changesMacs) {
      final long mac =
          macPermutation.of((long) u16(at) << 32 | Integer.toUnsignedLong(u32(at + 2)));
      put16(at, (int) (mac >>> 32));
      put32(at + 2, (int) mac);
    }
  }

  /** What follows the last header that is understood: kept, blanked or cut off. */
  void payload(int from, int end) {
    understood = from;
    trailer(from, end);
  }

  /** What follows the packet: kept, blanked or cut off with what is before it. */
  void trailer(int from, int end) {
    if (payload == Payload.BLANK) {
      zero(from, end);
    }
  }

  /** What may hold an address that cannot be replaced, at the end of what is understood. */
  void erase(int from, int end) {
    understood = from;
    zero(from, end);
  }

  /** Everything up to here is understood. */
  void understood(int end) {
    understood = end;
  }

  void zero(int from, int end) {
    int at = from;
    while (at < end && (!isEven(at) || end - at < Long.BYTES)) {
      put8(at++, 0);
    }
    while (end - at >= Long.BYTES) {
      final long words = buffer.getLong(at, BIG_ENDIAN);
      changed -= (words >>> 32) + (words & 0xffff_ffffL);
      buffer.putLong(at, 0);
      at += Long.BYTES;
    }
    while (at < end) {
      put8(at++, 0);
    }
  }

  /**
   * Updates a checksum at an even distance from the frame's beginning.
   *
   * @param at where it is
   * @param difference of what it covers, from {@link #changed}
   */
  void updateChecksum(int at, long difference) {
    final long delta = Math.floorMod(difference, (long) ONES);
    if (delta != 0) {
      putChecksum(at, (~u16(at) & ONES) + delta);
    }
  }

  /**
   * Computes a checksum afresh.
   *
   * @param at where it is
   * @param from where what it covers begins, at an even distance from the frame's beginning
   * @param end where that ends; all behind is zero
   * @param pseudo the sum of what else it covers
   */
  void computeChecksum(int at, int from, int end, long pseudo) {
    put16(at, 0);
    putChecksum(at, sum(from, end) + pseudo);
  }

  /** The sum of 16-bit words from an even distance on. */
  long sum(int from, int end) {
    long sum = 0;
    for (int i = from; i < end; i++) {
      sum += (long) u8(i) << (isEven(i) ? 8 : 0);
    }
    return sum;
  }

  private void putChecksum(int at, long sum) {
    final long words = sum % ONES;
    // Of the two zeros the one that is right also when all that is covered is zero, and in UDP.
    put16(at, words == 0 ? ONES : (int) (~words & ONES));
  }

  private boolean isEven(int at) {
    return (at - base & 1) == 0;
  }

  private void put16(int at, int value) {
    changed += (long) (value - u16(at)) << (isEven(at) ? 0 : 8);
    buffer.putShort(at, (short) value, BIG_ENDIAN);
  }

  private void put32(int at, int value) {
    changed +=
        (Integer.toUnsignedLong(value) - Integer.toUnsignedLong(u32(at))) << (isEven(at) ? 0 : 8);
    buffer.putInt(at, value, BIG_ENDIAN);
  }

  private void putHalf(int at, long value) {
    put32(at, (int) (value >>> 32));
    put32(at + 4, (int) value);
  }
}
