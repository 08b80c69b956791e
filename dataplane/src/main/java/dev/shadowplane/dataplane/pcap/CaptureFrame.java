package dev.shadowplane.dataplane.pcap;

/** The frame that a decoder found last: numbers and positions in the input buffer. */
final class CaptureFrame {
  long timestampNs;
  int originalLengthBytes;
  int capturedLengthBytes;
  int linkType;
  int interfaceIndex;
  int dataIndex;
  int optionsIndex;
  int optionsEndIndex;

  void lengths(int captured, long original) {
    capturedLengthBytes = captured;
    originalLengthBytes = (int) Math.min(original, Integer.MAX_VALUE);
  }
}
