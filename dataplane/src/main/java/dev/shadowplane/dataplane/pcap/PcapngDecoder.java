package dev.shadowplane.dataplane.pcap;

import static dev.shadowplane.dataplane.pcap.CaptureFormat.BLOCK_OVERHEAD_BYTES;

import java.io.IOException;
import java.nio.ByteOrder;

/** The block format: sections, each with its byte order and its own interfaces. */
final class PcapngDecoder implements CaptureDecoder {
  private static final int MICROSECONDS = 6;
  private static final int SECTION_MIN_BYTES = 28;
  private static final int INTERFACE_MIN_BYTES = 20;
  private static final int PACKET_MIN_BYTES = 32;
  private static final int SIMPLE_PACKET_MIN_BYTES = 16;

  private final CaptureInput input;
  private final InterfaceTable interfaces = new InterfaceTable();

  PcapngDecoder(CaptureInput input) {
    this.input = input;
  }

  @Override
  public String format() {
    return "pcapng";
  }

  @Override
  public long interfaces() {
    return interfaces.total();
  }

  @Override
  public boolean next(CaptureFrame frame) throws IOException {
    while (input.require(BLOCK_OVERHEAD_BYTES)) {
      int type = input.int32(0);
      switch (type) {
        case CaptureFormat.BLOCK_SECTION -> section();
        case CaptureFormat.BLOCK_INTERFACE -> {
          int length = wholeBlock(INTERFACE_MIN_BYTES);
          describeInterface(length);
          input.advance(length);
        }
        case CaptureFormat.BLOCK_ENHANCED_PACKET, CaptureFormat.BLOCK_PACKET_OBSOLETE -> {
          int length = wholeBlock(PACKET_MIN_BYTES);
          packet(frame, type, length);
          input.advance(length);
          return true;
        }
        case CaptureFormat.BLOCK_SIMPLE_PACKET -> {
          int length = wholeBlock(SIMPLE_PACKET_MIN_BYTES);
          simplePacket(frame, length);
          input.advance(length);
          return true;
        }
        default -> skipBlock(blockLength(BLOCK_OVERHEAD_BYTES));
      }
    }
    if (input.available() == 0) {
      return false;
    }
    throw input.damage("block cut short: " + input.available() + " of 12 bytes are there");
  }

  private void section() throws IOException {
    int magic = input.int32(8);
    if (magic == Integer.reverseBytes(CaptureFormat.BYTE_ORDER_MAGIC)) {
      input.order(
          input.order() == ByteOrder.LITTLE_ENDIAN
              ? ByteOrder.BIG_ENDIAN
              : ByteOrder.LITTLE_ENDIAN);
    } else if (magic != CaptureFormat.BYTE_ORDER_MAGIC) {
      throw input.damage("section header without a byte-order magic");
    }
    long length = blockLength(SECTION_MIN_BYTES);
    if (!input.require(SECTION_MIN_BYTES)) {
      throw cutShort(length);
    }
    if (input.uint16(12) != 1) {
      throw input.damage(
          "pcapng version "
              + input.uint16(12)
              + "."
              + input.uint16(14)
              + " is not supported, only 1.x");
    }
    interfaces.newSection();
    skipBlock(length);
  }

  private long blockLength(int minimum) throws CaptureException {
    long length = input.uint32(4);
    if (length < minimum || (length & 3) != 0) {
      throw input.damage(
          "block length " + length + " is not a multiple of 4 of at least " + minimum);
    }
    return length;
  }

  /** Brings a block that is to be decoded completely into the buffer and checks both lengths. */
  private int wholeBlock(int minimum) throws IOException {
    long length = blockLength(minimum);
    if (length > CaptureInput.CAPACITY_BYTES) {
      throw input.damage("block length " + length + " exceeds " + CaptureInput.CAPACITY_BYTES);
    }
    int blockBytes = (int) length;
    if (!input.require(blockBytes)) {
      throw cutShort(length);
    }
    checkTrailer(input.offsetBytes(), length, input.uint32(blockBytes - 4));
    return blockBytes;
  }

  private void skipBlock(long length) throws IOException {
    long offset = input.offsetBytes();
    if (!input.skip(length - 4) || !input.require(4)) {
      throw input.damage(offset, "block of " + length + " bytes cut short by the end of the file");
    }
    checkTrailer(offset, length, input.uint32(0));
    input.advance(4);
  }

  private CaptureException cutShort(long length) {
    return input.damage(
        "block cut short: " + input.available() + " of " + length + " bytes are there");
  }

  private void checkTrailer(long offset, long length, long trailer) throws CaptureException {
    if (trailer != length) {
      throw input.damage(
          offset, "block lengths disagree: " + length + " before and " + trailer + " after");
    }
  }

  private void describeInterface(int blockBytes) throws CaptureException {
    if (interfaces.count() == InterfaceTable.MAX_INTERFACES) {
      throw input.damage("more than " + InterfaceTable.MAX_INTERFACES + " interfaces in a section");
    }
    int resolution = MICROSECONDS;
    long offsetSeconds = 0;
    int end = blockBytes - 4;
    int at = 16;
    while (at + 4 <= end) {
      int code = input.uint16(at);
      int length = input.uint16(at + 2);
      if (length > end - at - 4) {
        throw input.damage(
            "interface option " + code + " of " + length + " bytes leaves its block");
      }
      if (code == CaptureFormat.OPTION_END) {
        break;
      }
      if (code == CaptureFormat.OPTION_INTERFACE_RESOLUTION && length >= 1) {
        resolution = input.buffer().getByte(input.position() + at + 4) & 0xFF;
      } else if (code == CaptureFormat.OPTION_INTERFACE_OFFSET && length >= 8) {
        offsetSeconds = input.int64(at + 4);
      }
      at += 4 + CaptureFormat.padded(length);
    }
    interfaces.add(input.uint16(8), input.uint32(12), resolution, offsetSeconds);
  }

  private void packet(CaptureFrame frame, int type, int blockBytes) throws CaptureException {
    long id = type == CaptureFormat.BLOCK_ENHANCED_PACKET ? input.uint32(8) : input.uint16(8);
    checkInterface(id);
    long captured = input.uint32(20);
    if (captured > blockBytes - PACKET_MIN_BYTES) {
      throw input.damage(
          "captured length " + captured + " leaves its block of " + blockBytes + " bytes");
    }
    if (captured > CaptureFormat.MAX_FRAME_BYTES) {
      throw input.damage(
          "captured length " + captured + " exceeds " + CaptureFormat.MAX_FRAME_BYTES);
    }
    frame.timestampNs = interfaces.toNs((int) id, input.uint32(12) << 32 | input.uint32(16));
    frame.lengths((int) captured, input.uint32(24));
    frame.dataIndex = input.position() + CaptureFormat.ENHANCED_PACKET_DATA_OFFSET;
    frame.optionsIndex = frame.dataIndex + CaptureFormat.padded((int) captured);
    frame.optionsEndIndex = input.position() + blockBytes - 4;
    identify(frame, (int) id);
  }

  private void simplePacket(CaptureFrame frame, int blockBytes) throws CaptureException {
    checkInterface(0);
    long original = input.uint32(8);
    long snapLength = interfaces.snapLength(0);
    long captured = snapLength == 0 ? original : Math.min(original, snapLength);
    if (captured > blockBytes - SIMPLE_PACKET_MIN_BYTES
        || captured > CaptureFormat.MAX_FRAME_BYTES) {
      throw input.damage(
          "packet length " + captured + " leaves its block of " + blockBytes + " bytes");
    }
    frame.timestampNs = 0;
    frame.lengths((int) captured, original);
    frame.dataIndex = input.position() + 12;
    frame.optionsIndex = 0;
    frame.optionsEndIndex = 0;
    identify(frame, 0);
  }

  private void checkInterface(long id) throws CaptureException {
    if (id >= interfaces.count()) {
      throw input.damage(
          "packet of interface " + id + ", but the section has described " + interfaces.count());
    }
  }

  private void identify(CaptureFrame frame, int id) {
    frame.linkType = interfaces.linkType(id);
    frame.interfaceIndex = interfaces.globalIndex(id);
  }
}
