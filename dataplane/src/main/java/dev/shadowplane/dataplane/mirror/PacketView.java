package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.TunnelParser;
import dev.shadowplane.dpdk.FrameMbuf;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.NativeMemory;

/**
 * What a {@link CompiledMatch} is asked about: a packet's record, with its frame where there is
 * one. One thread; allocates nothing but itself.
 */
public final class PacketView {
  private static final int UNKNOWN = -1;

  private final TunnelParser tunnels;
  private final FrameMbuf lent = new FrameMbuf();
  private final long gatherBuffer = NativeMemory.allocate(FrameParser.GATHER_BYTES, 64);
  private long record;
  private long mbuf;
  private long frame;
  private int available = UNKNOWN;
  private int frameLength;
  private boolean searched;

  /**
   * A view of nothing yet.
   *
   * @param flowHash fills the records of inner packets
   */
  public PacketView(FlowHash flowHash) {
    this.tunnels = new TunnelParser(flowHash);
  }

  /**
   * Views a received packet.
   *
   * @param packetRecord its record
   * @param packetMbuf its first segment; stays the caller's
   * @return this
   */
  public PacketView of(long packetRecord, long packetMbuf) {
    record = packetRecord;
    mbuf = packetMbuf;
    available = UNKNOWN;
    frameLength = Mbuf.packetLength(packetMbuf);
    searched = false;
    return this;
  }

  /**
   * Views a packet whose frame lies in one piece, as in a capture file.
   *
   * @param packetRecord its record
   * @param packetFrame its first byte
   * @param packetAvailable bytes that can be read there, at most 65,535
   * @param packetLength its length on the wire, at least that
   * @return this
   */
  public PacketView of(long packetRecord, long packetFrame, int packetAvailable, int packetLength) {
    record = packetRecord;
    mbuf = lent.of(packetFrame, packetAvailable, packetLength);
    frame = packetFrame;
    available = packetAvailable;
    frameLength = packetLength;
    searched = false;
    return this;
  }

  /**
   * Views a record without its frame: conditions on the frame's bytes are not fulfilled.
   *
   * @param packetRecord the record
   * @return this
   */
  public PacketView of(long packetRecord) {
    record = packetRecord;
    mbuf = 0;
    available = 0;
    frameLength = 0;
    searched = false;
    return this;
  }

  long record() {
    return record;
  }

  /** Its first segment; 0 without a frame. */
  long mbuf() {
    return mbuf;
  }

  /** How many bytes can be read at {@link #frame()}. */
  int available() {
    if (available == UNKNOWN) {
      final int first = Mbuf.dataLength(mbuf);
      if (first < frameLength && first < FrameParser.GATHER_BYTES) {
        frame = gatherBuffer;
        available = Mbuf.gather(mbuf, gatherBuffer, FrameParser.GATHER_BYTES);
      } else {
        frame = Mbuf.data(mbuf);
        available = first;
      }
    }
    return available;
  }

  /** Its beginning, in one piece; after {@link #available()}. */
  long frame() {
    return frame;
  }

  /** The packet that it carries, as far as there is one. */
  TunnelParser tunnel() {
    if (!searched) {
      searched = true;
      final int readable = available();
      tunnels.parse(record, frame, readable, frameLength);
    }
    return tunnels;
  }
}
