package dev.shadowplane.dataplane.pcap;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Builds capture files byte by byte, in either order, independently of the writers. */
@SuppressWarnings("ByteBufferBackingArray") // every buffer here was just allocated on the heap
final class CaptureBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteOrder order;

  CaptureBytes(ByteOrder order) {
    this.order = order;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  static ByteBuffer buffer(ByteOrder order, int length) {
    return ByteBuffer.allocate(length).order(order);
  }

  CaptureBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  CaptureBytes pcapHeader(int magic, int minorVersion, int linkType) {
    ByteBuffer b = buffer(order, 24).putInt(magic).putShort((short) 2);
    b.putShort((short) minorVersion).putInt(0).putInt(0).putInt(65_535).putInt(linkType);
    return raw(b.array());
  }

  CaptureBytes pcapRecord(int seconds, int fraction, int captured, int original, byte[] data) {
    ByteBuffer b = buffer(order, 16 + data.length).putInt(seconds).putInt(fraction);
    return raw(b.putInt(captured).putInt(original).put(data).array());
  }

  /** A block with any body, padded to four bytes, and true lengths. */
  CaptureBytes block(int type, byte[] body) {
    int length = 12 + CaptureFormat.padded(body.length);
    ByteBuffer b = buffer(order, length).putInt(type).putInt(length).put(body);
    b.putInt(length - 4, length);
    return raw(b.array());
  }

  CaptureBytes section() {
    ByteBuffer b = buffer(order, 16).putInt(0x1A2B3C4D).putShort((short) 1).putShort((short) 0);
    return block(0x0A0D0D0A, b.putLong(-1).array());
  }

  CaptureBytes describeInterface(int linkType, int snapLength, byte[]... options) {
    int length = 8;
    for (byte[] option : options) {
      length += option.length;
    }
    ByteBuffer b = buffer(order, length).putShort((short) linkType).putShort((short) 0);
    b.putInt(snapLength);
    for (byte[] option : options) {
      b.put(option);
    }
    return block(1, b.array());
  }

  byte[] option(int code, byte... value) {
    ByteBuffer b = buffer(order, 4 + CaptureFormat.padded(value.length));
    return b.putShort((short) code).putShort((short) value.length).put(value).array();
  }

  byte[] resolution(int value) {
    return option(9, (byte) value);
  }

  byte[] offset(long seconds) {
    return option(14, buffer(order, 8).putLong(seconds).array());
  }

  CaptureBytes enhancedPacket(int id, long units, int original, byte[] data, byte[]... options) {
    int length = 20 + CaptureFormat.padded(data.length);
    int at = length;
    for (byte[] option : options) {
      length += option.length;
    }
    ByteBuffer b =
        buffer(order, length).putInt(id).putInt((int) (units >>> 32)).putInt((int) units);
    b.putInt(data.length).putInt(original).put(data).position(at);
    for (byte[] option : options) {
      b.put(option);
    }
    return block(6, b.array());
  }

  CaptureBytes obsoletePacket(int id, long units, int original, byte[] data) {
    ByteBuffer b = buffer(order, 20 + data.length).putShort((short) id).putShort((short) 7);
    b.putInt((int) (units >>> 32)).putInt((int) units).putInt(data.length).putInt(original);
    return block(2, b.put(data).array());
  }

  CaptureBytes simplePacket(int original, byte[] data) {
    return block(3, buffer(order, 4 + data.length).putInt(original).put(data).array());
  }

  /** Little-endian numbers, to tell lies with. */
  static byte[] ints(int... values) {
    ByteBuffer b = buffer(ByteOrder.LITTLE_ENDIAN, values.length * 4);
    for (int value : values) {
      b.putInt(value);
    }
    return b.array();
  }
}
