package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.mirror.CopyShed;

/** Why a frame of the source was not sent. */
public enum DropReason {
  /** The port refused it until it was too late. */
  PORT_FULL("port-full"),
  /** The port was down until it was too late. */
  PORT_DOWN("port-down"),
  /** It is no Ethernet frame. */
  LINK_TYPE("link-type"),
  /** Shorter than an Ethernet header. */
  TOO_SHORT("frame-too-short"),
  /** Longer than the port, or any port, takes. */
  TOO_LONG("frame-too-long"),
  /** Longer than the collector's MTU, which is told to refuse such. */
  MTU("mtu"),
  /** Its addresses cannot be replaced. */
  UNCHANGEABLE("unchangeable"),
  /** The neighbour that leads to the collector has not told its MAC address. */
  NEXT_HOP_UNRESOLVED("next-hop-unresolved");

  private final String label;

  DropReason(String label) {
    this.label = label;
  }

  /**
   * Its part of a counter's label.
   *
   * @return lower case
   */
  public String label() {
    return label;
  }

  static DropReason of(CopyShed shed) {
    return switch (shed) {
      case MTU -> MTU;
      case NEXT_HOP_UNRESOLVED -> NEXT_HOP_UNRESOLVED;
      case UNCHANGEABLE -> UNCHANGEABLE;
      default -> TOO_LONG;
    };
  }
}
