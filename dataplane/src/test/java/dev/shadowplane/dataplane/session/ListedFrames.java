package dev.shadowplane.dataplane.session;

import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.replay.FrameSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames in memory. */
final class ListedFrames implements FrameSource {
  private static final int MAX_FRAME_BYTES = 70_000;

  private final List<byte[]> frames = new ArrayList<>();
  private final List<Long> timesNs = new ArrayList<>();
  private final UnsafeBuffer frame = new UnsafeBuffer(ByteBuffer.allocateDirect(MAX_FRAME_BYTES));
  private int index = -1;

  void add(long timeNs, byte[] bytes) {
    frames.add(bytes);
    timesNs.add(timeNs);
  }

  void readBy(SessionReassembly reassembly) {
    while (next()) {
      reassembly.accept(this);
    }
  }

  @Override
  public boolean next() {
    if (++index == frames.size()) {
      index--;
      return false;
    }
    frame.putBytes(0, frames.get(index));
    return true;
  }

  @Override
  public boolean isGrowing() {
    return true;
  }

  @Override
  public long timestampNs() {
    return timesNs.get(index);
  }

  @Override
  public long frameAddress() {
    return frame.addressOffset();
  }

  @Override
  public int capturedLengthBytes() {
    return frames.get(index).length;
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
