package dev.shadowplane.dataplane.pcap;

/** Numbers of the two file formats, shared by readers and writers. */
final class CaptureFormat {
  /** The largest frame read or written; the limit that Wireshark sets for network captures. */
  static final int MAX_FRAME_BYTES = 262_144;

  static final int PCAP_MAGIC_MICRO = 0xA1B2C3D4;
  static final int PCAP_MAGIC_NANO = 0xA1B23C4D;
  static final int PCAP_MAGIC_KUZNETZOV = 0xA1B2CD34;
  static final int PCAP_FILE_HEADER_BYTES = 24;
  static final int PCAP_RECORD_HEADER_BYTES = 16;
  static final int PCAP_KUZNETZOV_RECORD_HEADER_BYTES = 24;

  static final int BLOCK_SECTION = 0x0A0D0D0A;
  static final int BLOCK_INTERFACE = 1;
  static final int BLOCK_PACKET_OBSOLETE = 2;
  static final int BLOCK_SIMPLE_PACKET = 3;
  static final int BLOCK_STATISTICS = 5;
  static final int BLOCK_ENHANCED_PACKET = 6;
  static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;

  /** Type, total length and the trailing total length. */
  static final int BLOCK_OVERHEAD_BYTES = 12;

  static final int ENHANCED_PACKET_DATA_OFFSET = 28;

  static final int OPTION_END = 0;
  static final int OPTION_COMMENT = 1;
  static final int OPTION_SECTION_APPLICATION = 4;
  static final int OPTION_INTERFACE_NAME = 2;
  static final int OPTION_INTERFACE_DESCRIPTION = 3;
  static final int OPTION_INTERFACE_RESOLUTION = 9;
  static final int OPTION_INTERFACE_OFFSET = 14;
  static final int OPTION_PACKET_FLAGS = 2;
  static final int OPTION_STATISTICS_RECEIVED = 4;
  static final int OPTION_STATISTICS_DROPPED = 5;

  private CaptureFormat() {}

  /** Rounds a length up to the next multiple of four. */
  static int padded(int lengthBytes) {
    return (lengthBytes + 3) & ~3;
  }
}
