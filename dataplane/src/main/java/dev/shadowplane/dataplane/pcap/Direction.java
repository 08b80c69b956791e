package dev.shadowplane.dataplane.pcap;

/** Which way a frame passed its interface; the values of the direction bits of epb_flags. */
public final class Direction {
  /** Not recorded. */
  public static final int UNKNOWN = 0;

  /** Received by the interface. */
  public static final int INBOUND = 1;

  /** Transmitted by the interface. */
  public static final int OUTBOUND = 2;

  private Direction() {}
}
