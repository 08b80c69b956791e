package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dpdk.NativeMemory;

/** One frame again and again at even intervals, from memory: to warm up with. */
public final class RepeatedFrames implements FrameSource {
  private static final int FRAME_BYTES = 64;

  private final long frame = NativeMemory.allocate(FRAME_BYTES, 64);
  private final long count;
  private final long intervalNs;
  private long index = -1;

  /**
   * So many frames.
   *
   * @param count how many
   * @param intervalNs between two
   */
  public RepeatedFrames(long count, long intervalNs) {
    this.count = count;
    this.intervalNs = intervalNs;
  }

  @Override
  public boolean next() {
    return ++index < count;
  }

  @Override
  public boolean isGrowing() {
    return false;
  }

  @Override
  public long timestampNs() {
    return index * intervalNs;
  }

  @Override
  public long frameAddress() {
    return frame;
  }

  @Override
  public int capturedLengthBytes() {
    return FRAME_BYTES;
  }

  @Override
  public int linkType() {
    return LinkType.ETHERNET;
  }

  @Override
  public String portName() {
    return "";
  }

  @Override
  public long positionBytes() {
    return UNKNOWN;
  }

  @Override
  public long sizeBytes() {
    return UNKNOWN;
  }

  @Override
  public void seek(long timeNs) {
    index = -1;
  }

  @Override
  public void close() {}
}
