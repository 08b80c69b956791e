package dev.shadowplane.dataplane.pcap;

/** Link-layer header types of capture files, by their registered LINKTYPE numbers. */
public final class LinkType {
  /** Ethernet, without preamble and frame check sequence. */
  public static final int ETHERNET = 1;

  private LinkType() {}
}
