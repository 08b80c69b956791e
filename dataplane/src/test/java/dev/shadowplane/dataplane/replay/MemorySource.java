package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Frames of a test, to which it may add while they are replayed. */
final class MemorySource implements FrameSource {
  /** A frame. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content in the tests
  record Item(long timeNs, byte[] bytes) {}

  private final List<Item> items;
  private final boolean growing;
  private final long frame = NativeMemory.allocate(1 << 18, 64);
  private int next;
  private Item current = new Item(0, new byte[0]);
  private long fromNs = Long.MIN_VALUE;
  private volatile boolean closed;

  MemorySource(List<Item> items, boolean growing) {
    this.items = new CopyOnWriteArrayList<>(items);
    this.growing = growing;
  }

  void add(Item item) {
    items.add(item);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public boolean next() {
    while (next < items.size()) {
      current = items.get(next++);
      if (current.timeNs >= fromNs) {
        fromNs = Long.MIN_VALUE;
        NativeMemory.copy(current.bytes, frame, current.bytes.length);
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean isGrowing() {
    return growing;
  }

  @Override
  public long timestampNs() {
    return current.timeNs;
  }

  @Override
  public long frameAddress() {
    return frame;
  }

  @Override
  public int capturedLengthBytes() {
    return current.bytes.length;
  }

  @Override
  public int linkType() {
    return LinkType.ETHERNET;
  }

  @Override
  public String portName() {
    return next % 2 == 0 ? "even" : "odd";
  }

  @Override
  public long positionBytes() {
    return next;
  }

  @Override
  public long sizeBytes() {
    return items.size();
  }

  @Override
  public void seek(long timeNs) {
    next = 0;
    fromNs = timeNs;
  }

  @Override
  public void close() {
    closed = true;
  }
}
