package dev.shadowplane.dataplane.analytics;

import java.io.IOException;

/** A capture holds frames that do not begin with an Ethernet header. */
public final class UnsupportedLinkTypeException extends IOException {
  private final int linkType;

  UnsupportedLinkTypeException(String capture, int linkType) {
    super(
        capture
            + ": frames of LINKTYPE "
            + linkType
            + " cannot be read, only Ethernet (1): capture on an Ethernet interface, or convert"
            + " the file");
    this.linkType = linkType;
  }

  /**
   * The link type that was met.
   *
   * @return a LINKTYPE number
   */
  public int linkType() {
    return linkType;
  }
}
