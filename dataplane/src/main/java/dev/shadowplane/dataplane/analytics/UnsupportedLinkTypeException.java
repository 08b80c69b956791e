package dev.shadowplane.dataplane.analytics;

import java.io.IOException;

/** A capture holds frames of a link type that is not decoded. */
public final class UnsupportedLinkTypeException extends IOException {
  private final int linkType;

  UnsupportedLinkTypeException(String capture, int linkType) {
    super(
        capture
            + ": frames of LINKTYPE "
            + linkType
            + " cannot be read, only Ethernet, raw IP, Linux cooked and null/loopback: capture on"
            + " another interface, or convert the file");
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
