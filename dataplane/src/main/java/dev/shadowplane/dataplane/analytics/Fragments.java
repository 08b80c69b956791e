package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getInt;
import static dev.shadowplane.dataplane.analytics.RawMemory.getLong;
import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedShort;
import static dev.shadowplane.dataplane.analytics.RawMemory.putLong;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dpdk.ReservedMemory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Finds the ports of fragments that do not name them. What the first fragment of a datagram names
 * is known for {@link #KNOWN_NS} of the records' time, of the latest {@link #DATAGRAMS} datagrams;
 * up to {@link #HELD} fragments that come before theirs are held until it comes, and given out
 * without ports when it does not come in time or others need their room. All work is bounded. Used
 * by one thread.
 */
final class Fragments {
  /** Takes fragments whose ports are known, or will not be. */
  @FunctionalInterface
  interface Sink {
    /**
     * One fragment.
     *
     * @param record its record, valid during the call
     * @param timestampNs its time
     * @param tail its key's tail, with its ports
     */
    void onFragment(long record, long timestampNs, long tail);
  }

  /** Datagrams known at once. */
  static final int DATAGRAMS = 1 << 14;

  /** Fragments held at once. */
  static final int HELD = 1 << 12;

  /** How long a datagram is known: what RFC 791 and 8200 have hosts wait for at most, halved. */
  static final long KNOWN_NS = TimeUnit.SECONDS.toNanos(30);

  private static final int NONE = -1;
  private static final int KEY_WORDS = 5;
  private static final int HELD_BYTES = PacketRecord.LONG_BYTES + RecordExtension.BYTES;
  private static final int EXPIRED_A_SWEEP = 256;

  private final FlowHash hash;
  private final long holdNs;
  private final Sink sink;

  // Datagrams, in a ring: the oldest makes room for the next.
  private final int[] buckets = new int[2 * DATAGRAMS];
  private final int[] bucketOf = new int[DATAGRAMS];
  private final int[] chain = new int[DATAGRAMS];
  private final long[] keys = new long[DATAGRAMS * KEY_WORDS];
  private final long[] seenNs = new long[DATAGRAMS];
  private final long[] ports = new long[DATAGRAMS];
  private final int[] oldestHeld = new int[DATAGRAMS];
  private final int[] latestHeld = new int[DATAGRAMS];
  private int datagramCursor;

  // Fragments, in a ring too.
  private final ReservedMemory reserved = new ReservedMemory((long) HELD * HELD_BYTES);
  private final int[] datagramOf = new int[HELD];
  private final int[] nextHeld = new int[HELD];
  private final long[] heldNs = new long[HELD];
  private final long[] tails = new long[HELD];
  private int heldCursor;
  private int expiryCursor;
  private int held;

  private final long[] key = new long[KEY_WORDS];

  /**
   * Knows of none.
   *
   * @param hash under a key that whoever sends the fragments does not know
   * @param holdNs how long a fragment is held at most
   * @param sink takes what was held
   */
  Fragments(FlowHash hash, long holdNs, Sink sink) {
    this.hash = hash;
    this.holdNs = holdNs;
    this.sink = sink;
    Arrays.fill(buckets, NONE);
    Arrays.fill(bucketOf, NONE);
    Arrays.fill(ports, NONE);
    Arrays.fill(oldestHeld, NONE);
    Arrays.fill(datagramOf, NONE);
  }

  /**
   * Learns the ports that the first fragment of a datagram names, and gives out what waited for
   * them.
   *
   * @param record of a first fragment
   * @param timestampNs its time
   * @param tail its key's tail
   */
  void learn(long record, long timestampNs, long tail) {
    final int datagram = datagram(record, timestampNs, tail);
    ports[datagram] = Integer.toUnsignedLong(FlowKey.ports(tail));
    seenNs[datagram] = timestampNs;
    giveOut(datagram);
  }

  /**
   * Finds the ports of a later fragment, or holds it.
   *
   * @param record of a later fragment
   * @param timestampNs its time
   * @param tail its key's tail, without ports
   * @return the tail with ports, 0 when the fragment is held
   */
  long resolve(long record, long timestampNs, long tail) {
    final int datagram = datagram(record, timestampNs, tail);
    if (ports[datagram] != NONE) {
      return FlowKey.withPorts(tail, (int) ports[datagram]);
    }
    hold(datagram, record, timestampNs, tail);
    return 0;
  }

  /**
   * Gives out fragments held for too long.
   *
   * @param nowNs the records' time
   */
  void expire(long nowNs) {
    for (int i = 0; i < EXPIRED_A_SWEEP && held > 0; i++) {
      if (datagramOf[expiryCursor] != NONE && Math.abs(nowNs - heldNs[expiryCursor]) >= holdNs) {
        giveOutOldest(datagramOf[expiryCursor]);
      }
      expiryCursor = expiryCursor + 1 & HELD - 1;
    }
  }

  /** Gives out all that is held. */
  void giveOutAll() {
    for (int i = 0; held > 0; i++) {
      final int slot = heldCursor + i & HELD - 1;
      if (datagramOf[slot] != NONE) {
        giveOutOldest(datagramOf[slot]);
      }
    }
  }

  /** Fragments held. */
  int held() {
    return held;
  }

  void close() {
    reserved.close();
  }

  private void hold(int datagram, long record, long timestampNs, long tail) {
    final int slot = heldCursor;
    if (datagramOf[slot] != NONE) {
      giveOutOldest(datagramOf[slot]);
    }
    heldCursor = slot + 1 & HELD - 1;
    final int length = PacketRecord.totalBytes(getUnsignedShort(record));
    final long to = heldAt(slot);
    for (int at = 0; at < length; at += Long.BYTES) {
      putLong(to + at, getLong(record + at));
    }
    datagramOf[slot] = datagram;
    nextHeld[slot] = NONE;
    heldNs[slot] = timestampNs;
    tails[slot] = tail;
    if (oldestHeld[datagram] == NONE) {
      oldestHeld[datagram] = slot;
    } else {
      nextHeld[latestHeld[datagram]] = slot;
    }
    latestHeld[datagram] = slot;
    held++;
  }

  private void giveOut(int datagram) {
    while (oldestHeld[datagram] != NONE) {
      giveOutOldest(datagram);
    }
  }

  /** Of one datagram; with its ports when they are known. */
  private void giveOutOldest(int datagram) {
    final int slot = oldestHeld[datagram];
    oldestHeld[datagram] = nextHeld[slot];
    datagramOf[slot] = NONE;
    held--;
    final int known = ports[datagram] == NONE ? 0 : (int) ports[datagram];
    sink.onFragment(heldAt(slot), heldNs[slot], FlowKey.withPorts(tails[slot], known));
  }

  private long heldAt(int slot) {
    return reserved.address() + (long) slot * HELD_BYTES;
  }

  /** The number of a fragment's datagram; known from now on if it was not. */
  private int datagram(long record, long timestampNs, long tail) {
    readKey(record, tail);
    final int bucket = bucket();
    for (int i = buckets[bucket]; i != NONE; i = chain[i]) {
      if (Arrays.equals(key, 0, KEY_WORDS, keys, i * KEY_WORDS, (i + 1) * KEY_WORDS)) {
        if (Math.abs(timestampNs - seenNs[i]) >= KNOWN_NS) {
          giveOut(i);
          ports[i] = NONE;
          seenNs[i] = timestampNs;
        }
        return i;
      }
    }
    final int number = datagramCursor;
    datagramCursor = number + 1 & DATAGRAMS - 1;
    if (bucketOf[number] != NONE) {
      giveOut(number);
      unlink(number);
    }
    System.arraycopy(key, 0, keys, number * KEY_WORDS, KEY_WORDS);
    ports[number] = NONE;
    seenNs[number] = timestampNs;
    bucketOf[number] = bucket;
    chain[number] = buckets[bucket];
    buckets[bucket] = number;
    return number;
  }

  private void unlink(int number) {
    final int bucket = bucketOf[number];
    if (buckets[bucket] == number) {
      buckets[bucket] = chain[number];
      return;
    }
    int before = buckets[bucket];
    while (chain[before] != number) {
      before = chain[before];
    }
    chain[before] = chain[number];
  }

  private int bucket() {
    return hash.ofIpv6(
            key[1], key[2], key[3], key[4], FlowKey.ports(key[0]), FlowKey.protocol(key[0]))
        & buckets.length - 1;
  }

  private void readKey(long record, long tail) {
    final boolean ipv4 = FlowKey.kind(tail) == PacketRecord.KIND_IPV4;
    final int identification =
        ipv4
            ? getUnsignedShort(record + PacketRecord.FRAGMENT_ID_IPV4)
            : getInt(record + PacketRecord.FRAGMENT_ID_IPV6);
    // In place of the ports, which not every fragment names.
    key[0] = FlowKey.withPorts(tail, identification);
    key[1] = getLong(record + PacketRecord.SOURCE_ADDRESS);
    key[2] = ipv4 ? 0 : getLong(record + PacketRecord.SOURCE_ADDRESS + Long.BYTES);
    key[3] = ipv4 ? 0 : getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6);
    key[4] = ipv4 ? 0 : getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6 + Long.BYTES);
  }
}
