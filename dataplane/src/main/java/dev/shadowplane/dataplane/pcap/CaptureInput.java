package dev.shadowplane.dataplane.pcap;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import org.agrona.concurrent.UnsafeBuffer;

/** A window on a stream: one direct buffer, refilled as the decoder advances. */
final class CaptureInput implements Closeable {
  static final int CAPACITY_BYTES = 1 << 20;

  private final ReadableByteChannel channel;
  private final String name;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(CAPACITY_BYTES);
  private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
  private long originOffset;
  private int position;
  private int limit;

  CaptureInput(ReadableByteChannel channel, String name) {
    this.channel = channel;
    this.name = name;
  }

  UnsafeBuffer buffer() {
    return buffer;
  }

  int position() {
    return position;
  }

  ByteOrder order() {
    return order;
  }

  void order(ByteOrder newOrder) {
    order = newOrder;
  }

  int available() {
    return limit - position;
  }

  /**
   * Makes {@code length} bytes (at most the capacity) readable here; false if the file ends before.
   */
  boolean require(int length) throws IOException {
    return limit - position >= length || refill(length);
  }

  private boolean refill(int length) throws IOException {
    bytes.limit(limit).position(position).compact();
    originOffset += position;
    position = 0;
    boolean more = true;
    while (more && bytes.position() < length) {
      more = channel.read(bytes) >= 0;
    }
    limit = bytes.position();
    return limit >= length;
  }

  void advance(int length) {
    position += length;
  }

  /** Passes over any number of bytes; false if the file ends before. */
  boolean skip(long length) throws IOException {
    long rest = length;
    while (rest > available()) {
      rest -= available();
      position = limit;
      if (!refill(1)) {
        return false;
      }
    }
    position += (int) rest;
    return true;
  }

  int int32(int offset) {
    return buffer.getInt(position + offset, order);
  }

  long uint32(int offset) {
    return Integer.toUnsignedLong(int32(offset));
  }

  int uint16(int offset) {
    return Short.toUnsignedInt(buffer.getShort(position + offset, order));
  }

  long int64(int offset) {
    return buffer.getLong(position + offset, order);
  }

  /** Damage in the record or block that begins here. */
  CaptureException damage(String reason) {
    return damage(offsetBytes(), reason);
  }

  CaptureException damage(long offsetBytes, String reason) {
    return new CaptureException(name, offsetBytes, reason);
  }

  long offsetBytes() {
    return originOffset + position;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
