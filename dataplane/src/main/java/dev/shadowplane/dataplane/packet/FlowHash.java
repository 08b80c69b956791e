package dev.shadowplane.dataplane.packet;

import dev.shadowplane.dpdk.NativeMemory;
import java.util.HexFormat;

/**
 * The keyed hash of a flow, equal for both directions. Every host, shadow and replay with the same
 * key computes the same value, so sampling by it picks the same flows everywhere.
 *
 * <p>The two ends, the lower first, go through one multiplication to 128 bits folded to 64, as in
 * wyhash (Wang Yi), then through one by a secret odd number: that spreads well, and resists those
 * who do not know the key; it is not a MAC.
 */
public final class FlowHash {
  /** Bytes in a key. */
  public static final int KEY_BYTES = 16;

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
   * @param ports source port in the low 16 bits, destination port in the 16 above; 0 without ports
   * @param protocol the IP protocol number
   * @return the hash
   */
  public long ofIpv4(long addresses, long ports, int protocol) {
    final long source = (addresses & 0xffff_ffffL) | ((ports & 0xffffL) << 32);
    final long destination = (addresses >>> 32) | ((ports & 0xffff_0000L) << 16);
    return combine(source, destination, protocol);
  }

  /**
   * Fills {@link PacketRecord#FLOW_HASH} of IPv4 records that lie back to back.
   *
   * @param first the first record
   * @param end behind the last
   */
  public void fillIpv4(long first, long end) {
    for (long record = first; record != end; record += PacketRecord.SHORT_BYTES) {
      NativeMemory.putInt(
          record + PacketRecord.FLOW_HASH,
          (int)
              ofIpv4(
                  NativeMemory.getLong(record + PacketRecord.SOURCE_ADDRESS),
                  NativeMemory.getLong(record + PacketRecord.SOURCE_PORT),
                  NativeMemory.getUnsignedByte(record + PacketRecord.PROTOCOL)));
    }
  }

  /**
   * Hashes an IPv6 flow.
   *
   * @param sourceHigh the first 8 bytes of the source address, as loaded from the wire
   * @param sourceLow the last 8
   * @param destinationHigh the first 8 bytes of the destination address
   * @param destinationLow the last 8
   * @param ports as for {@link #ofIpv4}
   * @param protocol the upper-layer protocol number
   * @return the hash
   */
  public long ofIpv6(
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int ports,
      int protocol) {
    final long source = mix(mix(sourceHigh ^ key0, key1) + (ports & 0xffff) ^ sourceLow, key1);
    final long destination =
        mix(mix(destinationHigh ^ key0, key1) + (ports >>> 16) ^ destinationLow, key1);
    return combine(source, destination, protocol);
  }

  /**
   * Hashes a frame that is not IP.
   *
   * @param sourceMac 48 bits, as loaded from the wire
   * @param destinationMac 48 bits, as loaded from the wire
   * @param etherType what it carries
   * @return the hash
   */
  public long ofFrame(long sourceMac, long destinationMac, int etherType) {
    return combine(sourceMac, destinationMac, etherType);
  }

  /** The same for both orders of the ends; {@code kind} has 16 bits. */
  private long combine(long oneEnd, long otherEnd, int kind) {
    final long low = Math.min(oneEnd, otherEnd) ^ ((long) kind << 48);
    final long high = Math.max(oneEnd, otherEnd);
    final long folded = mix(low ^ key0, high ^ key1) * key2;
    return folded ^ (folded >>> 32);
  }

  private static long mix(long value, long multiplier) {
    return value * multiplier ^ Math.unsignedMultiplyHigh(value, multiplier);
  }

  /** Spreads a key's halves, whatever they are. */
  private static long spread(long value) {
    return mix(mix(value + ODD, 0xBF58476D1CE4E5B9L) + ODD, 0x94D049BB133111EBL);
  }
}
