package dev.shadowplane.dataplane.encap;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;
import static dev.shadowplane.dpdk.NativeMemory.putByte;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putLong;
import static dev.shadowplane.dpdk.NativeMemory.putShort;

import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * Writes the leading bytes of a copy as a {@link CopyShape} wants them: rewritten, then marked. The
 * received frame is read only. Checksums are updated by what changes (RFC 1624, equation 3), so
 * that one that was wrong stays wrong. One thread; allocates nothing.
 */
final class FrameEditor {
  /** The most that is written: what headers are read of, and a tag. */
  static final int MAX_BYTES = HeaderOffsets.MAX_BYTES + 4;

  private static final int MACS_BYTES = 12;
  private static final int TAG_BYTES = 4;
  private static final int TPID_AS_STORED = 0x0081;
  private static final int NEIGHBOUR_SOLICITATION = 135;
  private static final int NEIGHBOUR_ADVERTISEMENT = 136;

  private final HeaderOffsets offsets = new HeaderOffsets();
  private final long gatherBuffer = NativeMemory.allocate(HeaderOffsets.MAX_BYTES, 64);
  private int consumed;
  private int written;
  private long bytes;
  private int length;

  /** What the checksum that covers the addresses changes by: 16-bit words as loaded. */
  private int delta;

  /** How many bytes of the frame the written ones stand for. */
  int consumed() {
    return consumed;
  }

  /** How many bytes were written. */
  int written() {
    return written;
  }

  /**
   * Writes the leading bytes that change, and those between them.
   *
   * @param shape with something to change
   * @param frame the first segment of the received frame
   * @param lengthBytes how many bytes of it are copied, at most its length
   * @param to receives up to {@link #MAX_BYTES}
   * @return false when something cannot be changed as it should
   */
  boolean edit(CopyShape shape, long frame, int lengthBytes, long to) {
    final int readable = Math.min(lengthBytes, HeaderOffsets.MAX_BYTES);
    long from = Mbuf.data(frame);
    if (Mbuf.dataLength(frame) < readable) {
      Mbuf.gather(frame, gatherBuffer, readable);
      from = gatherBuffer;
    }
    offsets.read(from, readable, lengthBytes > readable);
    if (shape.vlan() != CopyShape.NONE && readable < MACS_BYTES) {
      return false;
    }
    if (shape.dscp() != CopyShape.NONE
        && offsets.kind() != HeaderOffsets.IPV4
        && offsets.kind() != HeaderOffsets.IPV6) {
      return false;
    }
    final @Nullable Rewrite rewrite = shape.rewrite();
    final int tagBytes = shape.vlan() == CopyShape.NONE ? 0 : TAG_BYTES;
    consumed = consumes(shape, readable);
    written = consumed + tagBytes;
    // The frame from its tags on lies where it will stay; its MAC addresses move in front of a tag.
    bytes = to + tagBytes;
    length = consumed;
    NativeMemory.copy(from, bytes, consumed);
    if (rewrite != null && !rewrite(rewrite)) {
      return false;
    }
    if (shape.dscp() != CopyShape.NONE) {
      mark(shape.dscp());
    }
    if (tagBytes != 0) {
      NativeMemory.copy(bytes, to, MACS_BYTES);
      putShort(to + MACS_BYTES, TPID_AS_STORED);
      putShort(to + MACS_BYTES + 2, Short.reverseBytes((short) shape.vlan()));
    }
    return true;
  }

  private int consumes(CopyShape shape, int readable) {
    final int network = offsets.network();
    if (network == HeaderOffsets.NONE
        || (shape.rewrite() == null && shape.dscp() == CopyShape.NONE)) {
      return Math.min(readable, MACS_BYTES);
    }
    final int end =
        switch (offsets.kind()) {
          case HeaderOffsets.IPV4 -> network + 20;
          case HeaderOffsets.IPV6 -> network + 40;
          case HeaderOffsets.ARP -> network + 28;
          default -> network;
        };
    if (shape.rewrite() == null) {
      return end;
    }
    final int checked = Math.max(end, offsets.checksum() + 2);
    return isNeighbour() ? Math.min(readable, Math.max(checked, offsets.upper() + 32)) : checked;
  }

  private boolean isNeighbour() {
    return offsets.protocol() == HeaderOffsets.ICMPV6
        && offsets.kind() == HeaderOffsets.IPV6
        && offsets.checksum() >= 0
        && offsets.upper() >= 0;
  }

  private boolean rewrite(Rewrite rewrite) {
    if (length >= MACS_BYTES) {
      rewriteMac(rewrite, 0);
      rewriteMac(rewrite, 6);
    }
    for (int tag = 0; tag < offsets.tags(); tag++) {
      final int at = 14 + TAG_BYTES * tag;
      final int tci = swap(getUnsignedShort(bytes + at));
      putShort(bytes + at, swap((tci & 0xf000) | rewrite.vlan(tci & 0xfff)));
    }
    delta = 0;
    final int network = offsets.network();
    switch (offsets.kind()) {
      case HeaderOffsets.IPV4 -> {
        rewriteIpv4(rewrite.ipv4(), network + 12);
        rewriteIpv4(rewrite.ipv4(), network + 16);
        update(network + 10, delta);
      }
      case HeaderOffsets.IPV6 -> {
        rewriteIpv6(rewrite.ipv6(), network + 8);
        final int ofSource = delta;
        rewriteIpv6(rewrite.ipv6(), network + 24);
        delta = offsets.coversDestination() ? delta : ofSource;
        if (isNeighbour()) {
          rewriteNeighbour(rewrite);
        }
      }
      case HeaderOffsets.ARP -> {
        rewriteMac(rewrite, network + 8);
        rewriteIpv4(rewrite.ipv4(), network + 14);
        rewriteMac(rewrite, network + 18);
        rewriteIpv4(rewrite.ipv4(), network + 24);
        return true;
      }
      default -> {
        return true;
      }
    }
    return updateUpper();
  }

  private boolean updateUpper() {
    final int at = offsets.checksum();
    if (delta == 0 || at == HeaderOffsets.NONE) {
      return true;
    }
    if (at == HeaderOffsets.TOO_DEEP) {
      return false;
    }
    final boolean udp = offsets.protocol() == HeaderOffsets.UDP;
    if (udp && getUnsignedShort(bytes + at) == 0) {
      // Sent without a checksum.
      return true;
    }
    update(at, delta);
    if (udp && getUnsignedShort(bytes + at) == 0) {
      putShort(bytes + at, 0xffff);
    }
    return true;
  }

  /** Target and link-layer address of neighbour discovery (RFC 4861, section 4.3 and 4.4). */
  private void rewriteNeighbour(Rewrite rewrite) {
    final int at = offsets.upper();
    final int type = getUnsignedByte(bytes + at);
    if ((type != NEIGHBOUR_SOLICITATION && type != NEIGHBOUR_ADVERTISEMENT) || length < at + 24) {
      return;
    }
    rewriteIpv6(rewrite.ipv6(), at + 8);
    if (length >= at + 32
        && ((getUnsignedByte(bytes + at + 24) - 1) & 0xfe) == 0
        && getUnsignedByte(bytes + at + 25) == 1) {
      rewriteMac(rewrite, at + 26);
    }
  }

  private void rewriteMac(Rewrite rewrite, int at) {
    NativeMemory.check(at, 6, length);
    final long old =
        Integer.toUnsignedLong(getInt(bytes + at))
            | ((long) getUnsignedShort(bytes + at + 4) << 32);
    final long mac = rewrite.mac(old);
    putInt(bytes + at, (int) mac);
    putShort(bytes + at + 4, (int) (mac >>> 32));
    add(old, mac);
  }

  private void rewriteIpv4(PrefixMap map, int at) {
    NativeMemory.check(at, 4, length);
    final long old = Integer.toUnsignedLong(getInt(bytes + at));
    final int entry = map.find(0, old);
    if (entry != PrefixMap.NONE) {
      final long address = map.low(entry, old);
      putInt(bytes + at, (int) address);
      add(old, address & 0xffff_ffffL);
    }
  }

  private void rewriteIpv6(PrefixMap map, int at) {
    NativeMemory.check(at, 16, length);
    final long oldHigh = getLong(bytes + at);
    final long oldLow = getLong(bytes + at + 8);
    final int entry = map.find(oldHigh, oldLow);
    if (entry != PrefixMap.NONE) {
      putLong(bytes + at, map.high(entry, oldHigh));
      putLong(bytes + at + 8, map.low(entry, oldLow));
      add(oldHigh, map.high(entry, oldHigh));
      add(oldLow, map.low(entry, oldLow));
    }
  }

  private void mark(int dscp) {
    final int network = offsets.network();
    if (offsets.kind() == HeaderOffsets.IPV4) {
      final int old = getUnsignedShort(bytes + network);
      putByte(bytes + network + 1, (dscp << 2) | (getUnsignedByte(bytes + network + 1) & 0x03));
      delta = 0;
      add(old, getUnsignedShort(bytes + network));
      update(network + 10, delta);
      return;
    }
    // Version, traffic class, flow label: the class lies across two bytes.
    final int first = swap(getUnsignedShort(bytes + network));
    putShort(bytes + network, swap((first & 0xf03f) | (dscp << 6)));
  }

  /** Adds to {@link #delta} what replacing words changes about a sum: ~m + m' for each. */
  private void add(long old, long replacement) {
    if (old == replacement) {
      return;
    }
    int sum = delta;
    for (int shift = 0; shift < Long.SIZE; shift += Short.SIZE) {
      sum += (int) (~old >>> shift) & 0xffff;
      sum += (int) (replacement >>> shift) & 0xffff;
    }
    delta = fold(sum);
  }

  private void update(int at, int change) {
    if (change != 0) {
      NativeMemory.check(at, 2, length);
      putShort(bytes + at, ~fold((~getUnsignedShort(bytes + at) & 0xffff) + change));
    }
  }

  private static int fold(int sum) {
    final int once = (sum & 0xffff) + (sum >>> 16);
    return (once & 0xffff) + (once >>> 16);
  }

  private static int swap(int value) {
    return Short.toUnsignedInt(Short.reverseBytes((short) value));
  }
}
