package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_mbuf;

/**
 * A flyweight over {@code struct rte_mbuf}: every method takes the address of one. Nothing
 * allocates.
 *
 * <p>Ownership: each <em>reference</em> has one owner. Whoever holds the only one may change the
 * mbuf; once a second exists, bytes and headers are read-only for all, and only the count changes,
 * atomically. A burst that is sent, or {@link MbufBurst#free}, gives the reference away.
 */
public final class Mbuf {
  private static final long BUF_ADDR = rte_mbuf.buf_addr$offset();
  private static final long DATA_OFF = rte_mbuf.data_off$offset();
  private static final long REFCNT = rte_mbuf.refcnt$offset();
  private static final long NB_SEGS = rte_mbuf.nb_segs$offset();
  private static final long PORT = rte_mbuf.port$offset();
  private static final long OL_FLAGS = rte_mbuf.ol_flags$offset();
  private static final long PACKET_TYPE = rte_mbuf.packet_type$offset();
  private static final long PKT_LEN = rte_mbuf.pkt_len$offset();
  private static final long DATA_LEN = rte_mbuf.data_len$offset();
  private static final long VLAN_TCI = rte_mbuf.vlan_tci$offset();
  private static final long VLAN_TCI_OUTER = rte_mbuf.vlan_tci_outer$offset();
  private static final long BUF_LEN = rte_mbuf.buf_len$offset();
  private static final long NEXT = rte_mbuf.next$offset();

  /** Offset, references, segments and port of a fresh mbuf lie in one word. */
  static final long REARM = rte_mbuf.rearm_data$offset();

  private static final long REARM_EMPTY =
      (1L << ((REFCNT - REARM) * 8)) | (0xffffL << ((PORT - REARM) * 8));

  static final long REARM_FRESH = REARM_EMPTY | (1L << ((NB_SEGS - REARM) * 8));

  /**
   * The word that atomic access to the 16-bit count goes through: data_off, written only by a sole
   * owner, lies below.
   */
  private static final long REFCNT_WORD = REFCNT & ~3L;

  private static final int ONE_REFERENCE = 1 << (int) ((REFCNT - REFCNT_WORD) * 8);

  private static final long VLAN_STRIPPED = Dpdk.RTE_MBUF_F_RX_VLAN_STRIPPED();
  private static final long QINQ_STRIPPED = Dpdk.RTE_MBUF_F_RX_QINQ_STRIPPED();
  private static final long OF_THE_BUFFER = Dpdk.RTE_MBUF_F_EXTERNAL() | Dpdk.RTE_MBUF_F_INDIRECT();

  private static final int VLAN_BYTES = 4;
  private static final int TPID_VLAN = 0x0081;
  private static final int TPID_QINQ = 0xa888;

  private Mbuf() {}

  /**
   * Where the first byte of the segment's data is.
   *
   * @param mbuf a segment
   * @return its address
   */
  public static long data(long mbuf) {
    return NativeMemory.getLong(mbuf + BUF_ADDR) + NativeMemory.getUnsignedShort(mbuf + DATA_OFF);
  }

  /**
   * Bytes of data in this segment.
   *
   * @param mbuf a segment
   * @return 0 to 65,535
   */
  public static int dataLength(long mbuf) {
    return NativeMemory.getUnsignedShort(mbuf + DATA_LEN);
  }

  /**
   * Bytes of the frame, over all segments.
   *
   * @param mbuf the first segment
   * @return its length
   */
  public static int packetLength(long mbuf) {
    return NativeMemory.getInt(mbuf + PKT_LEN);
  }

  /**
   * How many segments the frame has.
   *
   * @param mbuf the first segment
   * @return at least 1
   */
  public static int segments(long mbuf) {
    return NativeMemory.getUnsignedShort(mbuf + NB_SEGS);
  }

  /**
   * The segment after this one.
   *
   * @param mbuf a segment
   * @return its address, or 0 after the last
   */
  public static long next(long mbuf) {
    return NativeMemory.getLong(mbuf + NEXT);
  }

  /**
   * References to this segment.
   *
   * @param mbuf a segment
   * @return at least 1 while anyone owns one
   */
  public static int references(long mbuf) {
    return NativeMemory.getUnsignedShort(mbuf + REFCNT);
  }

  /**
   * Offload flags, a set of {@code RTE_MBUF_F_} bits.
   *
   * @param mbuf the first segment
   * @return the flags
   */
  public static long offloadFlags(long mbuf) {
    return NativeMemory.getLong(mbuf + OL_FLAGS);
  }

  /**
   * The port that received it.
   *
   * @param mbuf the first segment
   * @return DPDK's number of the port
   */
  public static int port(long mbuf) {
    return NativeMemory.getUnsignedShort(mbuf + PORT);
  }

  /**
   * Adds references to a frame, to every segment of it. A sole owner stores plainly; otherwise the
   * count is changed atomically, since others may be freeing.
   *
   * @param mbuf the first segment, a reference to which is the caller's
   * @param count how many more owners there will be, at least 1
   */
  public static void addReferences(long mbuf, int count) {
    if (segments(mbuf) == 1) {
      addToSegment(mbuf, count);
      return;
    }
    for (long segment = mbuf; segment != 0; segment = next(segment)) {
      addToSegment(segment, count);
    }
  }

  static void addToSegment(long segment, int count) {
    if (references(segment) == 1) {
      NativeMemory.putShort(segment + REFCNT, 1 + count);
    } else {
      NativeMemory.getAndAddInt(segment + REFCNT_WORD, count * ONE_REFERENCE);
    }
  }

  /**
   * Makes a received frame whole and plain before it is shared: puts tags back that the driver took
   * off, and clears offload flags that would make a transmitting driver change it.
   *
   * @param mbuf the first segment, whose sole owner the caller is
   * @return false when there is no room in front for the tag; the mbuf is then unchanged
   */
  public static boolean normalise(long mbuf) {
    final long flags = offloadFlags(mbuf);
    if ((flags & ~OF_THE_BUFFER) == 0) {
      return true;
    }
    if ((flags & VLAN_STRIPPED) != 0) {
      final boolean qinq = (flags & QINQ_STRIPPED) != 0;
      final int tags = qinq ? 2 : 1;
      if (references(mbuf) != 1
          || NativeMemory.getUnsignedShort(mbuf + DATA_OFF) < tags * VLAN_BYTES
          || dataLength(mbuf) < 12) {
        return false;
      }
      insertTag(mbuf, TPID_VLAN, NativeMemory.getUnsignedShort(mbuf + VLAN_TCI));
      if (qinq) {
        insertTag(mbuf, TPID_QINQ, NativeMemory.getUnsignedShort(mbuf + VLAN_TCI_OUTER));
      }
    }
    NativeMemory.putLong(mbuf + OL_FLAGS, flags & OF_THE_BUFFER);
    return true;
  }

  private static void insertTag(long mbuf, int tpidAsStored, int tci) {
    final long from = data(mbuf);
    final long to = from - VLAN_BYTES;
    NativeMemory.putLong(to, NativeMemory.getLong(from));
    NativeMemory.putInt(to + 8, NativeMemory.getInt(from + 8));
    NativeMemory.putShort(to + 12, tpidAsStored);
    NativeMemory.putShort(to + 14, Short.reverseBytes((short) tci));
    NativeMemory.putShort(
        mbuf + DATA_OFF, NativeMemory.getUnsignedShort(mbuf + DATA_OFF) - VLAN_BYTES);
    NativeMemory.putShort(mbuf + DATA_LEN, dataLength(mbuf) + VLAN_BYTES);
    NativeMemory.putInt(mbuf + PKT_LEN, packetLength(mbuf) + VLAN_BYTES);
  }

  /**
   * Copies the beginning of a frame out of its segments.
   *
   * @param mbuf the first segment
   * @param to where to, native memory of at least {@code limit} bytes
   * @param limit how many bytes at most
   * @return how many were copied
   */
  public static int gather(long mbuf, long to, int limit) {
    int copied = 0;
    for (long segment = mbuf; segment != 0 && copied < limit; segment = next(segment)) {
      final int length = Math.min(dataLength(segment), limit - copied);
      NativeMemory.copy(data(segment), to + copied, length);
      copied += length;
    }
    return copied;
  }

  /**
   * Copies a whole frame to the heap; for tests and slow paths.
   *
   * @param mbuf the first segment
   * @return its bytes
   */
  public static byte[] bytes(long mbuf) {
    final byte[] bytes = new byte[packetLength(mbuf)];
    int copied = 0;
    for (long segment = mbuf; segment != 0; segment = next(segment)) {
      final int length = dataLength(segment);
      NativeMemory.segment(data(segment), length).asByteBuffer().get(bytes, copied, length);
      copied += length;
    }
    return bytes;
  }

  /**
   * Makes an mbuf that came from a pool an empty frame of one segment. What it relies on, every
   * mbuf in a pool fulfils: one reference, one segment, no next.
   *
   * @param mbuf whose sole owner the caller is
   */
  public static void reset(long mbuf) {
    NativeMemory.putShort(
        mbuf + DATA_OFF,
        Math.min(PktmbufPool.HEADROOM_BYTES, NativeMemory.getUnsignedShort(mbuf + BUF_LEN)));
    NativeMemory.putShort(mbuf + PORT, 0xffff);
    NativeMemory.putLong(mbuf + OL_FLAGS, 0);
    NativeMemory.putInt(mbuf + PACKET_TYPE, 0);
    length(mbuf, 0);
  }

  /**
   * Sets the length of a frame of one segment.
   *
   * @param mbuf whose sole owner the caller is
   * @param lengthBytes at most {@link #room}
   */
  public static void length(long mbuf, int lengthBytes) {
    NativeMemory.putShort(mbuf + DATA_LEN, lengthBytes);
    NativeMemory.putInt(mbuf + PKT_LEN, lengthBytes);
  }

  /**
   * Bytes that fit into a segment from its data on.
   *
   * @param mbuf a segment
   * @return buffer length less offset
   */
  public static int room(long mbuf) {
    return NativeMemory.getUnsignedShort(mbuf + BUF_LEN)
        - NativeMemory.getUnsignedShort(mbuf + DATA_OFF);
  }

  /**
   * Appends a frame to another, making one of several segments.
   *
   * @param head the first segment of a frame whose sole owner the caller is
   * @param tail a frame of one segment, likewise; its reference is given away
   */
  public static void chain(long head, long tail) {
    long last = head;
    while (next(last) != 0) {
      last = next(last);
    }
    NativeMemory.putLong(last + NEXT, tail);
    NativeMemory.putShort(head + NB_SEGS, segments(head) + 1);
    NativeMemory.putInt(head + PKT_LEN, packetLength(head) + dataLength(tail));
  }

  /**
   * Makes an mbuf that came from a pool, and holds data of its own, a frame of one segment.
   *
   * @param mbuf whose sole owner the caller is
   * @param offset of the data in the buffer
   * @param lengthBytes at most what the buffer holds behind it
   */
  public static void begin(long mbuf, int offset, int lengthBytes) {
    NativeMemory.check(offset, lengthBytes, NativeMemory.getUnsignedShort(mbuf + BUF_LEN));
    NativeMemory.putLong(mbuf + REARM, REARM_FRESH | (long) offset << ((DATA_OFF - REARM) * 8));
    NativeMemory.putLong(mbuf + OL_FLAGS, 0);
    packetLength(mbuf, lengthBytes);
    NativeMemory.putShort(mbuf + DATA_LEN, lengthBytes);
  }

  /** Sets the length of a frame, and that its type is not known, by one store. */
  static void packetLength(long mbuf, int bytes) {
    NativeMemory.putLong(mbuf + PACKET_TYPE, (long) bytes << ((PKT_LEN - PACKET_TYPE) * 8));
  }

  /**
   * Makes an mbuf that came from a pool, and holds data of its own, the first of several segments.
   *
   * @param mbuf whose sole owner the caller is
   * @param offset of the data in the buffer
   * @param lengthBytes at most what the buffer holds behind it
   * @param next the segments behind it; their reference goes with the frame's
   * @param segments how many there are, this one included
   * @param packetBytes of all together
   * @return where the data begins
   */
  public static long begin(
      long mbuf, int offset, int lengthBytes, long next, int segments, int packetBytes) {
    NativeMemory.check(offset, lengthBytes, NativeMemory.getUnsignedShort(mbuf + BUF_LEN));
    NativeMemory.putLong(
        mbuf + REARM,
        REARM_EMPTY
            | ((long) offset << ((DATA_OFF - REARM) * 8))
            | ((long) segments << ((NB_SEGS - REARM) * 8)));
    NativeMemory.putLong(mbuf + OL_FLAGS, 0);
    packetLength(mbuf, packetBytes);
    NativeMemory.putShort(mbuf + DATA_LEN, lengthBytes);
    NativeMemory.putLong(mbuf + NEXT, next);
    return NativeMemory.getLong(mbuf + BUF_ADDR) + offset;
  }

  /**
   * Moves the beginning of the data forward in front of what is there.
   *
   * @param mbuf a segment that is not shared
   * @param lengthBytes at most its headroom
   */
  public static void prepend(long mbuf, int lengthBytes) {
    final int offset = NativeMemory.getUnsignedShort(mbuf + DATA_OFF);
    NativeMemory.check(offset - lengthBytes, lengthBytes, offset);
    NativeMemory.putShort(mbuf + DATA_OFF, offset - lengthBytes);
    NativeMemory.putShort(mbuf + DATA_LEN, dataLength(mbuf) + lengthBytes);
    NativeMemory.putInt(mbuf + PKT_LEN, packetLength(mbuf) + lengthBytes);
  }

  /**
   * Puts a segment behind the last one of a frame.
   *
   * @param last a segment with nothing behind it, whose sole owner the caller is
   * @param next likewise; its reference goes with the frame's
   */
  public static void link(long last, long next) {
    NativeMemory.putLong(last + NEXT, next);
  }

  /**
   * Says how long a frame is whose segments were put together by {@link #link}.
   *
   * @param mbuf the first segment
   * @param segments how many
   * @param lengthBytes of all together
   */
  public static void packet(long mbuf, int segments, int lengthBytes) {
    NativeMemory.putShort(mbuf + NB_SEGS, segments);
    NativeMemory.putInt(mbuf + PKT_LEN, lengthBytes);
  }

  /**
   * For {@link AbiCheck} and tests: makes a received frame look as a driver that strips tags leaves
   * it.
   */
  static void stripped(long mbuf, int tci, long flags) {
    NativeMemory.putShort(mbuf + VLAN_TCI, tci);
    NativeMemory.putLong(mbuf + OL_FLAGS, flags);
  }

  static long pool(long mbuf) {
    return NativeMemory.getLong(mbuf + rte_mbuf.pool$offset());
  }

  static long bufferAddress(long mbuf) {
    return NativeMemory.getLong(mbuf + BUF_ADDR);
  }

  static int bufferLength(long mbuf) {
    return NativeMemory.getUnsignedShort(mbuf + BUF_LEN);
  }
}
