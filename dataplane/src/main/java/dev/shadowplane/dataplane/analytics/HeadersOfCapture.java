package dev.shadowplane.dataplane.analytics;

import static java.nio.ByteOrder.BIG_ENDIAN;

import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.EthernetFramer;
import dev.shadowplane.dataplane.pcap.LinkLayer;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The headers of a capture's frames, as those of Ethernet. One thread; allocates nothing. */
final class HeadersOfCapture {
  private static final int ETHER_TYPE_OFFSET = 12;

  private final UnsafeBuffer framed =
      new UnsafeBuffer(
          ByteBuffer.allocateDirect(FrameParser.GATHER_BYTES + EthernetFramer.MAX_GROWTH_BYTES));
  private final EthernetFramer framer = new EthernetFramer();
  private long address;
  private int available;
  private int frameLength;

  /**
   * Finds those of the reader's frame.
   *
   * @return false when its link type is not decoded
   */
  boolean read(CaptureReader reader) {
    final int linkType = reader.linkType();
    frameLength = reader.originalLengthBytes();
    available = Math.min(reader.capturedLengthBytes(), frameLength);
    address = reader.frameAddress();
    if (linkType == LinkType.ETHERNET) {
      return true;
    }
    if (LinkLayer.headerBytes(linkType) == LinkLayer.NONE) {
      return false;
    }
    final int readable = Math.min(available, FrameParser.GATHER_BYTES);
    final int copied = framer.copy(reader.frame(), 0, readable, linkType, framed, 0);
    frameLength =
        (int)
            Math.min((long) frameLength + EthernetFramer.growthBytes(linkType), Integer.MAX_VALUE);
    address = framed.addressOffset();
    available = copied;
    if (copied == LinkLayer.NONE) {
      // Not IP, whatever it is.
      framed.setMemory(0, EthernetFramer.MAX_GROWTH_BYTES, (byte) 0);
      framed.putShort(ETHER_TYPE_OFFSET, (short) 0, BIG_ENDIAN);
      available = EthernetFramer.MAX_GROWTH_BYTES;
    }
    frameLength = Math.max(frameLength, available);
    return true;
  }

  long address() {
    return address;
  }

  int available() {
    return available;
  }

  int frameLength() {
    return frameLength;
  }
}
