package dev.shadowplane.dataplane.packet;

import java.util.HexFormat;

/**
 * The keyed hash of a flow, equal for both directions. Every host, shadow and replay with the same
 * key computes the same value, so sampling by it picks the same flows everywhere.
 *
 * <p>The address of each end is multiplied by a secret odd number and its port added; the two are
 * multiplied, so that their order does not matter, folded, and multiplied again. That spreads well,
 * and resists those who do not know the key; it is not a MAC. All multiplications are to 64 bits,
 * so that the compiler hashes several flows at once with vector instructions.
 */
public final class FlowHash {
  /** Bytes in a key. */
  public static final int KEY_BYTES = 16;

  /** Flows hashed at once. */
  public static final int BATCH = 32;

  private static final long ODD = 0x9E3779B97F4A7C15L;

  private final long key0;
  private final long key1;
  private final long key2;

  /**
   * A hash under a key.
   *
   * @param key {@link #KEY_BYTES} bytes, kept secret from whoever sends the traffic
   */
  public FlowHash(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "a flow hash key has " + KEY_BYTES + " bytes, not " + key.length);
    }
    long low = 0;
    long high = 0;
    for (int i = 0; i < 8; i++) {
      low |= (key[i] & 0xffL) << (8 * i);
      high |= (key[i + 8] & 0xffL) << (8 * i);
    }
    key0 = spread(low + ODD);
    key1 = spread(high + 2 * ODD) | 1;
    key2 = spread(low ^ Long.rotateLeft(high, 29)) | 1;
  }

  /**
   * A hash under a key in hexadecimal.
   *
   * @param hexKey 32 hexadecimal digits
   * @return the hash
   */
  public static FlowHash ofHex(String hexKey) {
    return new FlowHash(HexFormat.of().parseHex(hexKey));
  }

  /**
   * Hashes an IPv4 flow.
   *
   * @param addresses source address in the low and destination address in the high 32 bits, as
   *     loaded from the wire
   * @param ports source port in the low 16 bits, destination port in the 16 above, as loaded from
   *     the wire; 0 without ports
   * @param protocol the IP protocol number
   * @return the hash
   */
  public int ofIpv4(long addresses, int ports, int protocol) {
    final long upper = protocol | ((ports & 0xffff_ffffL) << 8);
    return (int) finish(product(addresses, upper, key0, key1), protocol, key2);
  }

  /**
   * Hashes {@link #BATCH} IPv4 flows at once.
   *
   * @param flows 2 * BATCH long: first the addresses of each, as for {@link #ofIpv4(long, int,
   *     int)}, which are lost; then, of each, the protocol in the low 8 bits and the ports above,
   *     in whose place the hash is put
   */
  public void ofIpv4(long[] flows) {
    // One array, since the compiler does not know of two that they differ, and two loops, since it
    // unrolls only short ones: it uses vectors where it does both.
    final long first = key0;
    final long second = key1;
    final long third = key2;
    for (int i = 0; i < BATCH; i++) {
      flows[i] = product(flows[i], flows[i + BATCH], first, second);
    }
    for (int i = 0; i < BATCH; i++) {
      flows[i + BATCH] = finish(flows[i], flows[i + BATCH] & 0xff, third);
    }
  }

  /** The protocol in the low 8 bits of {@code upper}, the ports above. */
  private static long product(long addresses, long upper, long key0, long key1) {
    return ((addresses & 0xffff_ffffL) * key1 + ((upper >>> 8) & 0xffff) + key0)
        * ((addresses >>> 32) * key1 + (upper >>> 24) + key0);
  }

  /** {@code kind} has 16 bits. */
  private static long finish(long product, long kind, long key2) {
    return ((product ^ (product >>> 32)) * key2 + (kind << 48)) >>> 32;
  }

  /**
   * Hashes an IPv6 flow.
   *
   * @param sourceHigh the first 8 bytes of the source address, as loaded from the wire
   * @param sourceLow the last 8
   * @param destinationHigh the first 8 bytes of the destination address
   * @param destinationLow the last 8
   * @param ports as for {@link #ofIpv4(long, int, int)}
   * @param protocol the upper-layer protocol number
   * @return the hash
   */
  public int ofIpv6(
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int ports,
      int protocol) {
    return combine(
        mix(sourceHigh ^ key0, key1) + (ports & 0xffff) ^ sourceLow,
        mix(destinationHigh ^ key0, key1) + (ports >>> 16) ^ destinationLow,
        protocol);
  }

  /**
   * Hashes a frame that is not IP.
   *
   * @param sourceMac 48 bits, as loaded from the wire
   * @param destinationMac 48 bits, as loaded from the wire
   * @param etherType what it carries
   * @return the hash
   */
  public int ofFrame(long sourceMac, long destinationMac, int etherType) {
    return combine(sourceMac, destinationMac, etherType);
  }

  private int combine(long oneEnd, long otherEnd, int kind) {
    return (int) finish(mix(oneEnd ^ key0, key1) * mix(otherEnd ^ key0, key1), kind, key2);
  }

  private static long mix(long value, long multiplier) {
    return value * multiplier ^ Math.unsignedMultiplyHigh(value, multiplier);
  }

  /** Spreads a key's halves, whatever they are. */
  private static long spread(long value) {
    return mix(mix(value + ODD, 0xBF58476D1CE4E5B9L) + ODD, 0x94D049BB133111EBL);
  }
}
