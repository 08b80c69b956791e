package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_mbuf;

/**
 * Mbufs that view the data of others: DPDK's indirect mbufs, and those with buffers from elsewhere.
 * Nothing allocates.
 */
public final class MbufView {
  private static final long BUF_ADDR = rte_mbuf.buf_addr$offset();
  private static final long BUF_IOVA = rte_mbuf.buf_iova$offset();
  private static final long BUF_LEN = rte_mbuf.buf_len$offset();
  private static final long DATA_OFF = rte_mbuf.data_off$offset();
  private static final long DATA_LEN = rte_mbuf.data_len$offset();
  private static final long OL_FLAGS = rte_mbuf.ol_flags$offset();
  private static final long PRIV_SIZE = rte_mbuf.priv_size$offset();
  private static final long SHINFO = rte_mbuf.shinfo$offset();

  /** Where {@code struct rte_mbuf_ext_shared_info} counts: behind a function and its argument. */
  private static final long SHARED_INFO_REFCNT = 16;

  private static final long EXTERNAL = Dpdk.RTE_MBUF_F_EXTERNAL();
  private static final long INDIRECT = Dpdk.RTE_MBUF_F_INDIRECT();
  private static final long OF_THE_BUFFER = EXTERNAL | INDIRECT;

  private MbufView() {}

  /**
   * Makes an mbuf that came from a pool a view of a part of another's data, as {@code
   * rte_pktmbuf_attach} does, as a frame of one segment. No reference is counted: freeing the view
   * gives one to the buffer away, which the caller has or takes by {@link #shareBuffer}.
   *
   * @param mbuf whose sole owner the caller is
   * @param segment whose data is viewed
   * @param offset of the view in the segment's data
   * @param lengthBytes of the view
   */
  public static void attach(long mbuf, long segment, int offset, int lengthBytes) {
    NativeMemory.check(offset, lengthBytes, Mbuf.dataLength(segment));
    final long flags = Mbuf.offloadFlags(segment) & OF_THE_BUFFER;
    if ((flags & EXTERNAL) == 0) {
      NativeMemory.putShort(mbuf + PRIV_SIZE, NativeMemory.getUnsignedShort(segment + PRIV_SIZE));
      NativeMemory.putLong(mbuf + OL_FLAGS, INDIRECT);
    } else {
      NativeMemory.putLong(mbuf + SHINFO, NativeMemory.getLong(segment + SHINFO));
      NativeMemory.putLong(mbuf + OL_FLAGS, flags);
    }
    NativeMemory.putLong(mbuf + BUF_ADDR, NativeMemory.getLong(segment + BUF_ADDR));
    NativeMemory.putLong(mbuf + BUF_IOVA, NativeMemory.getLong(segment + BUF_IOVA));
    NativeMemory.putShort(mbuf + BUF_LEN, NativeMemory.getUnsignedShort(segment + BUF_LEN));
    final long from = (long) NativeMemory.getUnsignedShort(segment + DATA_OFF) + offset;
    NativeMemory.putLong(
        mbuf + Mbuf.REARM, Mbuf.REARM_FRESH | from << ((DATA_OFF - Mbuf.REARM) * 8));
    Mbuf.packetLength(mbuf, lengthBytes);
    NativeMemory.putShort(mbuf + DATA_LEN, lengthBytes);
  }

  /**
   * Whether a segment's data lies in its own buffer, so that a reference to the segment is one to
   * the buffer.
   *
   * @param segment a segment
   * @return false for a view, and for a buffer from elsewhere
   */
  public static boolean isDirect(long segment) {
    return (Mbuf.offloadFlags(segment) & OF_THE_BUFFER) == 0;
  }

  /**
   * Counts one more reference to the buffer behind a segment, for {@link #attach}.
   *
   * @param segment a segment, a reference to which is the caller's
   */
  public static void shareBuffer(long segment) {
    final long flags = Mbuf.offloadFlags(segment);
    if ((flags & EXTERNAL) != 0) {
      NativeMemory.getAndAddInt(NativeMemory.getLong(segment + SHINFO) + SHARED_INFO_REFCNT, 1);
    } else if ((flags & INDIRECT) != 0) {
      Mbuf.addToSegment(
          NativeMemory.getLong(segment + BUF_ADDR)
              - NativeMemory.getUnsignedShort(segment + PRIV_SIZE)
              - rte_mbuf.sizeof(),
          1);
    } else {
      Mbuf.addToSegment(segment, 1);
    }
  }
}
