package dev.shadowplane.dataplane.analytics;

import static java.nio.ByteOrder.BIG_ENDIAN;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.mirror.FrameMatch;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.FullRecordParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.EthernetFramer;
import dev.shadowplane.dataplane.pcap.LinkLayer;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Full records of a capture's frames, those of other link types read as if Ethernet carried them.
 * One thread; allocates nothing.
 */
final class FrameRecords implements AutoCloseable {
  /** What became of a frame. */
  enum Outcome {
    /** Its record is written. */
    WRITTEN,
    /** It is not among those that count. */
    UNWANTED,
    /** Its link type is not decoded. */
    UNKNOWN_LINK
  }

  /** Of every frame: a capture has no ports. */
  private static final int PORT = 0;

  private static final int ETHER_TYPE_OFFSET = 12;

  private final UnsafeBuffer framed =
      new UnsafeBuffer(
          ByteBuffer.allocateDirect(FrameParser.GATHER_BYTES + EthernetFramer.MAX_GROWTH_BYTES));
  private final EthernetFramer framer = new EthernetFramer();
  private final FullRecordParser parser;
  private final FrameMatch choice;

  /**
   * Makes records.
   *
   * @param flowHash fills their hashes
   * @param frames which frames count, by selectors that see the frames as they are
   * @param inner whether tunnelled packets are recorded instead of those that carry them
   */
  FrameRecords(FlowHash flowHash, Match frames, boolean inner) {
    parser = new FullRecordParser(flowHash, inner);
    choice = new FrameMatch(frames, port -> PORT, flowHash);
  }

  /**
   * Makes that of the reader's frame, as long as it was on its own link.
   *
   * @param record where, with room for the longest
   */
  Outcome write(CaptureReader reader, long record) {
    final int linkType = reader.linkType();
    final int length = reader.originalLengthBytes();
    final int captured = Math.min(reader.capturedLengthBytes(), length);
    if (linkType == LinkType.ETHERNET) {
      if (!choice.matches(reader.frameAddress(), captured, length, PORT)) {
        return Outcome.UNWANTED;
      }
      parser.parse(reader.frameAddress(), captured, length, PORT, record);
      return Outcome.WRITTEN;
    }
    if (LinkLayer.headerBytes(linkType) == LinkLayer.NONE) {
      return Outcome.UNKNOWN_LINK;
    }
    final int readable = Math.min(captured, FrameParser.GATHER_BYTES);
    int available = framer.copy(reader.frame(), 0, readable, linkType, framed, 0);
    if (available == LinkLayer.NONE) {
      // Not IP, whatever it is.
      framed.setMemory(0, EthernetFramer.MAX_GROWTH_BYTES, (byte) 0);
      framed.putShort(ETHER_TYPE_OFFSET, (short) 0, BIG_ENDIAN);
      available = EthernetFramer.MAX_GROWTH_BYTES;
    }
    final long grown = (long) length + EthernetFramer.growthBytes(linkType);
    final int framedLength = (int) Math.min(Math.max(grown, available), Integer.MAX_VALUE);
    if (!choice.matches(framed.addressOffset(), available, framedLength, PORT)) {
      return Outcome.UNWANTED;
    }
    final int flags = parser.parse(framed.addressOffset(), available, framedLength, PORT, record);
    PacketRecord.putFrameLength(record, flags, length);
    return Outcome.WRITTEN;
  }

  @Override
  public void close() {
    choice.close();
  }
}
