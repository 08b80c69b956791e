package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.pcap.EthernetFramer;
import dev.shadowplane.dataplane.pcap.LinkLayer;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The frames of another source as Ethernet ports send them: those of raw IP, Linux cooked and
 * null/loopback captures get an Ethernet header with addresses of zeros, which a rewrite may
 * replace. A frame that no Ethernet frame can carry keeps its link type.
 */
public final class EthernetSource implements FrameSource {
  /** No port sends a longer one. */
  private static final int MAX_FRAME_BYTES = 65_535;

  private final FrameSource source;
  private final EthernetFramer framer = new EthernetFramer();
  private final UnsafeBuffer frame = new UnsafeBuffer(0, 0);
  private final UnsafeBuffer copy =
      new UnsafeBuffer(
          ByteBuffer.allocateDirect(MAX_FRAME_BYTES + EthernetFramer.MAX_GROWTH_BYTES));
  private int copyBytes;

  /**
   * Wraps a source, which it owns.
   *
   * @param source any
   */
  public EthernetSource(FrameSource source) {
    this.source = source;
  }

  @Override
  public boolean next() throws IOException {
    if (!source.next()) {
      return false;
    }
    copyBytes = LinkLayer.NONE;
    final int linkType = source.linkType();
    final int length = source.capturedLengthBytes();
    if (linkType != LinkType.ETHERNET && length <= MAX_FRAME_BYTES) {
      frame.wrap(source.frameAddress(), length);
      copyBytes = framer.copy(frame, 0, length, linkType, copy, 0);
    }
    return true;
  }

  private boolean isCopied() {
    return copyBytes != LinkLayer.NONE;
  }

  @Override
  public long frameAddress() {
    return isCopied() ? copy.addressOffset() : source.frameAddress();
  }

  @Override
  public int capturedLengthBytes() {
    return isCopied() ? copyBytes : source.capturedLengthBytes();
  }

  @Override
  public int linkType() {
    return isCopied() ? LinkType.ETHERNET : source.linkType();
  }

  @Override
  public boolean isGrowing() {
    return source.isGrowing();
  }

  @Override
  public long timestampNs() {
    return source.timestampNs();
  }

  @Override
  public String portName() {
    return source.portName();
  }

  @Override
  public long positionBytes() {
    return source.positionBytes();
  }

  @Override
  public long sizeBytes() {
    return source.sizeBytes();
  }

  @Override
  public void seek(long timeNs) throws IOException {
    source.seek(timeNs);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
