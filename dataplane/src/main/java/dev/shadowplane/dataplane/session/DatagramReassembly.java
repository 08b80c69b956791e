package dev.shadowplane.dataplane.session;

import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts IP datagrams together from their fragments. One whose fragments overlap is dropped, as RFC
 * 5722 has it for IPv6; an exact copy of a fragment is passed over. Of datagrams that are not whole
 * the oldest make room, and each is given up after half a minute.
 */
final class DatagramReassembly {
  private static final int MAX_DATAGRAMS = 1_024;
  private static final long MAX_BYTES = 8L << 20;
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);
  private static final int MAX_DATAGRAM_BYTES = 65_535;
  private static final int MAX_PARTS = 128;
  private static final int ETHERNET_BYTES = 14;
  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int FRAGMENT_HEADER = 44;
  private static final int FRAGMENT_HEADER_BYTES = 8;
  private static final int MAX_EXTENSION_HEADERS = 16;

  /** What fragments of one datagram have in common. */
  private record Key(boolean ipv6, long a, long b, long c, long d, int identification, int protocol)
      implements Comparable<Key> {
    /** Makes keys that someone chose to collide no slower to find than a tree's. */
    @Override
    public int compareTo(Key other) {
      int order = Boolean.compare(ipv6, other.ipv6);
      order = order != 0 ? order : Long.compare(a, other.a);
      order = order != 0 ? order : Long.compare(b, other.b);
      order = order != 0 ? order : Long.compare(c, other.c);
      order = order != 0 ? order : Long.compare(d, other.d);
      order = order != 0 ? order : Integer.compare(identification, other.identification);
      return order != 0 ? order : Integer.compare(protocol, other.protocol);
    }
  }

  private static final class Datagram {
    private final long firstNs;
    private final TreeMap<Integer, byte[]> parts = new TreeMap<>();
    private int bytes;
    private int end = -1;

    private Datagram(long firstNs) {
      this.firstNs = firstNs;
    }

    /** Whether the part fits to the others; a copy of one of them does. */
    private boolean add(int offset, byte[] part, boolean last) {
      final Map.Entry<Integer, byte[]> before = parts.floorEntry(offset);
      if (before != null && before.getKey() + before.getValue().length > offset) {
        return before.getKey() == offset && before.getValue().length == part.length;
      }
      final Integer after = parts.ceilingKey(offset);
      final int partEnd = offset + part.length;
      if ((after != null && after < partEnd)
          || (end >= 0 && (partEnd > end || last))
          || parts.size() == MAX_PARTS) {
        return false;
      }
      if (last) {
        if (!parts.isEmpty() && parts.lastKey() > offset) {
          return false;
        }
        end = partEnd;
      }
      parts.put(offset, part);
      bytes += part.length;
      return true;
    }

    private boolean isWhole() {
      return bytes == end;
    }
  }

  private final SessionCounts counts;
  private final Map<Key, Datagram> datagrams = new LinkedHashMap<>();
  private final UnsafeBuffer frame =
      new UnsafeBuffer(ByteBuffer.allocateDirect(ETHERNET_BYTES + IPV6_BYTES + MAX_DATAGRAM_BYTES));
  private long heldBytes;
  private int frameBytes;

  DatagramReassembly(SessionCounts counts) {
    this.counts = counts;
  }

  /** The whole datagram as one frame; valid until the next {@link #add}. */
  long frame() {
    return frame.addressOffset();
  }

  int frameBytes() {
    return frameBytes;
  }

  /**
   * Takes a fragment.
   *
   * @param network where the frame's IP header begins
   * @return whether its datagram is whole
   */
  boolean add(long at, int captured, int network, long timestampNs) {
    giveUpOld(timestampNs);
    return getUnsignedByte(at + network) >>> 4 == 4
        ? addIpv4(at + network, captured - network, timestampNs)
        : addIpv6(at + network, captured - network, timestampNs);
  }

  private boolean addIpv4(long ip, int captured, long timestampNs) {
    final int header = (getUnsignedByte(ip) & 0xf) * 4;
    final int length = u16(ip + 2) - header;
    final int field = u16(ip + 6);
    final Key key = new Key(false, getLong(ip + 12), 0, 0, 0, u16(ip + 4), getUnsignedByte(ip + 9));
    return add(
        key,
        ip,
        header,
        captured,
        length,
        (field & 0x1fff) * 8,
        (field & 0x2000) == 0,
        timestampNs);
  }

  private boolean addIpv6(long ip, int captured, long timestampNs) {
    int next = getUnsignedByte(ip + 6);
    int offset = IPV6_BYTES;
    for (int i = 0; next != FRAGMENT_HEADER; i++) {
      if (i == MAX_EXTENSION_HEADERS || captured - offset < FRAGMENT_HEADER_BYTES) {
        counts.brokenDatagrams++;
        return false;
      }
      next = getUnsignedByte(ip + offset);
      offset += (getUnsignedByte(ip + offset + 1) + 1) * 8;
    }
    if (captured - offset < FRAGMENT_HEADER_BYTES) {
      counts.brokenDatagrams++;
      return false;
    }
    final int protocol = getUnsignedByte(ip + offset);
    final int field = u16(ip + offset + 2);
    final int identification = (u16(ip + offset + 4) << 16) | u16(ip + offset + 6);
    final int header = offset + FRAGMENT_HEADER_BYTES;
    final Key key =
        new Key(
            true,
            getLong(ip + 8),
            getLong(ip + 16),
            getLong(ip + 24),
            getLong(ip + 32),
            identification,
            protocol);
    final int length = IPV6_BYTES + u16(ip + 4) - header;
    return add(key, ip, header, captured, length, field & 0xfff8, (field & 1) == 0, timestampNs);
  }

  private boolean add(
      Key key,
      long ip,
      int header,
      int captured,
      int length,
      int offset,
      boolean last,
      long timestampNs) {
    if (length <= 0
        || header + length > captured
        || offset + length > MAX_DATAGRAM_BYTES - IPV6_BYTES
        || (!last && length % 8 != 0)) {
      counts.brokenDatagrams++;
      return false;
    }
    final Datagram datagram = datagrams.computeIfAbsent(key, unseen -> new Datagram(timestampNs));
    final int before = datagram.bytes;
    final byte[] part = new byte[length];
    NativeMemory.copy(ip + header, part, length);
    if (!datagram.add(offset, part, last)) {
      drop(key, before);
      counts.brokenDatagrams++;
      return false;
    }
    heldBytes += datagram.bytes - before;
    if (datagram.isWhole()) {
      drop(key, datagram.bytes);
      write(key, datagram);
      return true;
    }
    makeRoom();
    return false;
  }

  private void drop(Key key, int bytes) {
    datagrams.remove(key);
    heldBytes -= bytes;
  }

  private void makeRoom() {
    while (datagrams.size() > MAX_DATAGRAMS || heldBytes > MAX_BYTES) {
      giveUpOldest();
    }
  }

  private void giveUpOld(long nowNs) {
    @Nullable Datagram oldest = oldest();
    while (oldest != null && nowNs - oldest.firstNs > PATIENCE_NS) {
      giveUpOldest();
      oldest = oldest();
    }
  }

  private @Nullable Datagram oldest() {
    return datagrams.isEmpty() ? null : datagrams.values().iterator().next();
  }

  private void giveUpOldest() {
    final Iterator<Datagram> oldest = datagrams.values().iterator();
    heldBytes -= oldest.next().bytes;
    oldest.remove();
    counts.brokenDatagrams++;
  }

  private void write(Key key, Datagram datagram) {
    final int header = key.ipv6 ? IPV6_BYTES : IPV4_BYTES;
    frame.setMemory(0, ETHERNET_BYTES + header, (byte) 0);
    frame.putShort(12, Short.reverseBytes((short) (key.ipv6 ? 0x86dd : 0x0800)));
    final int ip = ETHERNET_BYTES;
    if (key.ipv6) {
      frame.putByte(ip, (byte) 0x60);
      frame.putShort(ip + 4, Short.reverseBytes((short) datagram.bytes));
      frame.putByte(ip + 6, (byte) key.protocol);
      frame.putLong(ip + 8, key.a);
      frame.putLong(ip + 16, key.b);
      frame.putLong(ip + 24, key.c);
      frame.putLong(ip + 32, key.d);
    } else {
      frame.putByte(ip, (byte) 0x45);
      frame.putShort(ip + 2, Short.reverseBytes((short) (IPV4_BYTES + datagram.bytes)));
      frame.putByte(ip + 9, (byte) key.protocol);
      frame.putLong(ip + 12, key.a);
    }
    datagram.parts.forEach(
        (offset, part) -> frame.putBytes(ETHERNET_BYTES + header + offset, part));
    frameBytes = ETHERNET_BYTES + header + datagram.bytes;
  }

  private static int u16(long at) {
    return PacketRecord.number(getUnsignedShort(at));
  }
}
