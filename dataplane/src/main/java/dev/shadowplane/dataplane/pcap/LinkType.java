package dev.shadowplane.dataplane.pcap;

/** Link-layer header types of capture files, by their registered LINKTYPE numbers. */
public final class LinkType {
  /** The address family in the byte order of the host that captured. */
  public static final int NULL = 0;

  /** Ethernet, without preamble and frame check sequence. */
  public static final int ETHERNET = 1;

  /** Raw IP, by the number that most systems call DLT_RAW. */
  public static final int RAW_DLT = 12;

  /** Raw IP, by the number that OpenBSD calls DLT_RAW. */
  public static final int RAW_OPENBSD = 14;

  /** Raw IP: the version is in the packet. */
  public static final int RAW = 101;

  /** The address family in network byte order. */
  public static final int LOOP = 108;

  /** Linux "cooked" capture, version 1. */
  public static final int LINUX_SLL = 113;

  /** Raw IPv4. */
  public static final int IPV4 = 228;

  /** Raw IPv6. */
  public static final int IPV6 = 229;

  /** Linux "cooked" capture, version 2. */
  public static final int LINUX_SLL2 = 276;

  private LinkType() {}

  /**
   * A type's name, as Wireshark's tools and libpcap write it.
   *
   * @param linkType a LINKTYPE number
   * @return the name, or the number for a type that is not decoded here
   */
  public static String name(int linkType) {
    return switch (linkType) {
      case NULL -> "NULL";
      case ETHERNET -> "ETHERNET";
      case RAW_DLT, RAW_OPENBSD, RAW -> "RAW";
      case LOOP -> "LOOP";
      case LINUX_SLL -> "LINUX_SLL";
      case IPV4 -> "IPV4";
      case IPV6 -> "IPV6";
      case LINUX_SLL2 -> "LINUX_SLL2";
      default -> Integer.toString(linkType);
    };
  }
}
