package dev.shadowplane.dataplane.pcap;

import java.io.IOException;
import java.nio.ByteOrder;

/** The classic format: one file header, then records of one link type. */
final class PcapDecoder implements CaptureDecoder {
  private static final int MAJOR_VERSION = 2;

  /**
   * Until this minor version, and in some files of it, captured and original length are swapped.
   */
  private static final int SWAPPED_LENGTHS_MINOR = 3;

  private final CaptureInput input;
  private final int recordHeaderBytes;
  private final int fractionNs;
  private final int minorVersion;
  private final int linkType;

  /** Reads the file header; the input's byte order becomes the file's. */
  PcapDecoder(CaptureInput input, int littleEndianMagic) throws IOException {
    this.input = input;
    boolean little = isMagic(littleEndianMagic);
    input.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    if (!input.require(CaptureFormat.PCAP_FILE_HEADER_BYTES)) {
      throw input.damage("file header cut short: " + input.available() + " of 24 bytes are there");
    }
    int magic = input.int32(0);
    fractionNs = magic == CaptureFormat.PCAP_MAGIC_NANO ? 1 : 1_000;
    recordHeaderBytes =
        magic == CaptureFormat.PCAP_MAGIC_KUZNETZOV
            ? CaptureFormat.PCAP_KUZNETZOV_RECORD_HEADER_BYTES
            : CaptureFormat.PCAP_RECORD_HEADER_BYTES;
    minorVersion = input.uint16(6);
    if (input.uint16(4) != MAJOR_VERSION) {
      throw input.damage(
          "pcap version " + input.uint16(4) + "." + minorVersion + " is not supported, only 2.x");
    }
    linkType = input.int32(20) & 0xFFFF;
    input.advance(CaptureFormat.PCAP_FILE_HEADER_BYTES);
  }

  /** True when the first four bytes, in either order, open a file of this format. */
  static boolean opens(int littleEndianMagic) {
    return isMagic(littleEndianMagic) || isMagic(Integer.reverseBytes(littleEndianMagic));
  }

  private static boolean isMagic(int value) {
    return value == CaptureFormat.PCAP_MAGIC_MICRO
        || value == CaptureFormat.PCAP_MAGIC_NANO
        || value == CaptureFormat.PCAP_MAGIC_KUZNETZOV;
  }

  @Override
  public String format() {
    return fractionNs == 1 ? "pcap, nanoseconds" : "pcap";
  }

  @Override
  public long interfaces() {
    return 1;
  }

  @Override
  public boolean next(CaptureFrame frame) throws IOException {
    if (!input.require(recordHeaderBytes)) {
      if (input.available() == 0) {
        return false;
      }
      throw input.damage(
          "record header cut short: "
              + input.available()
              + " of "
              + recordHeaderBytes
              + " bytes are there");
    }
    long captured = input.uint32(8);
    long original = input.uint32(12);
    if (minorVersion < SWAPPED_LENGTHS_MINOR
        || (minorVersion == SWAPPED_LENGTHS_MINOR && captured > original)) {
      long first = captured;
      captured = original;
      original = first;
    }
    if (captured > CaptureFormat.MAX_FRAME_BYTES) {
      throw input.damage(
          "captured length " + captured + " exceeds " + CaptureFormat.MAX_FRAME_BYTES);
    }
    int recordBytes = recordHeaderBytes + (int) captured;
    if (!input.require(recordBytes)) {
      throw input.damage(
          "record cut short: " + input.available() + " of " + recordBytes + " bytes are there");
    }
    frame.timestampNs = input.uint32(0) * 1_000_000_000L + input.uint32(4) * fractionNs;
    frame.lengths((int) captured, original);
    frame.linkType = linkType;
    frame.interfaceIndex = 0;
    frame.dataIndex = input.position() + recordHeaderBytes;
    frame.optionsIndex = 0;
    frame.optionsEndIndex = 0;
    input.advance(recordBytes);
    return true;
  }
}
