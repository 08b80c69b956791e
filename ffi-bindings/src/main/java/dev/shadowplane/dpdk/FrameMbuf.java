package dev.shadowplane.dpdk;

import dev.shadowplane.dpdk.abi23.rte_mbuf;

/**
 * Stands for a frame that lies in one piece outside of DPDK's memory, so that {@link BpfFilter} can
 * read it. Belongs to no pool: is never sent or freed. One thread; lives as long as the process.
 */
public final class FrameMbuf {
  private final long address = NativeMemory.allocate(rte_mbuf.sizeof(), 64);

  /** Stands for nothing yet. */
  public FrameMbuf() {
    NativeMemory.putShort(address + rte_mbuf.nb_segs$offset(), 1);
  }

  /**
   * Stands for a frame from now on.
   *
   * @param frame address of its first byte
   * @param available how many bytes can be read there, at most 65,535
   * @param frameLength how long it was on the wire, at least {@code available}
   * @return the address of the mbuf
   */
  public long of(long frame, int available, int frameLength) {
    NativeMemory.putLong(address + rte_mbuf.buf_addr$offset(), frame);
    NativeMemory.putShort(address + rte_mbuf.data_len$offset(), available);
    NativeMemory.putInt(address + rte_mbuf.pkt_len$offset(), frameLength);
    return address;
  }
}
