package dev.shadowplane.dataplane.mirror;

/** Why a changed or encapsulated copy was not sent, beyond what befalls every mirrored frame. */
public enum CopyShed {
  /** Longer than the port takes, or than any IP packet. */
  FRAME_TOO_LONG("frame-too-long"),
  /** No buffer for its header or its parts. */
  NO_MBUF("no-mbuf"),
  /** Longer than the collector's MTU, which is told to refuse such. */
  MTU("mtu"),
  /** The neighbour that leads to the collector has not told its MAC address. */
  NEXT_HOP_UNRESOLVED("next-hop-unresolved"),
  /**
   * What should be changed cannot be: a DSCP of what is not IP, a tag on what is no frame, or a
   * checksum behind more headers than are read.
   */
  UNCHANGEABLE("unchangeable"),
  /** The driver took some of its fragments and not all. */
  FRAGMENTS_CUT("fragments-cut");

  private final String reason;

  CopyShed(String reason) {
    this.reason = reason;
  }

  /**
   * Its part of a counter's label.
   *
   * @return lower case
   */
  public String reason() {
    return reason;
  }
}
