package dev.shadowplane.dataplane.journal;

import java.nio.charset.StandardCharsets;

/**
 * A port whose frames are journaled.
 *
 * @param index its number in frame messages, 0 to 65,535
 * @param name 1 to 255 bytes of UTF-8
 * @param linkType a LINKTYPE number, 0 to 65,535
 */
public record JournalPort(int index, String name, int linkType) {
  static final int MAX_NAME_BYTES = 255;
  private static final int MAX_UINT16 = 0xFFFF;

  /** Checks the ranges. */
  public JournalPort {
    int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (index < 0 || index > MAX_UINT16 || linkType < 0 || linkType > MAX_UINT16) {
      throw new IllegalArgumentException(
          "port " + name + ": index " + index + " and link type " + linkType + ": 0 to 65535");
    }
    if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "port " + index + ": a name of " + nameBytes + " bytes: 1 to " + MAX_NAME_BYTES);
    }
  }
}
