package dev.shadowplane.dataplane.packet;

/** What Ethernet frames carry, by the numbers that the IEEE has registered. */
public final class EtherType {
  /** Where types begin; below, the field is a length (IEEE 802.3). */
  public static final int FIRST = 0x600;

  private EtherType() {}

  /**
   * A type's name.
   *
   * @param type 0 to 65,535
   * @return the name that tcpdump or Wireshark gives it, {@code IEEE 802.3} for a length, or empty
   *     for one that is not well known
   */
  public static String name(int type) {
    if (type < FIRST) {
      return "IEEE 802.3";
    }
    return switch (type) {
      case 0x0800 -> "IPv4";
      case 0x0806 -> "ARP";
      case 0x0842 -> "Wake-on-LAN";
      case 0x22f0 -> "AVTP";
      case 0x22f3 -> "TRILL";
      case 0x6003 -> "DECnet";
      case 0x6558 -> "Transparent Ethernet Bridging";
      case 0x8035 -> "RARP";
      case 0x809b -> "AppleTalk";
      case 0x80f3 -> "AARP";
      case 0x8100 -> "VLAN";
      case 0x8137 -> "IPX";
      case 0x86dd -> "IPv6";
      case 0x8808 -> "Ethernet flow control";
      case 0x8809 -> "Slow protocols (LACP)";
      case 0x8847 -> "MPLS";
      case 0x8848 -> "MPLS with upstream label";
      case 0x8863 -> "PPPoE discovery";
      case 0x8864 -> "PPPoE session";
      case 0x888e -> "EAPOL";
      case 0x8892 -> "PROFINET";
      case 0x88a2 -> "ATA over Ethernet";
      case 0x88a4 -> "EtherCAT";
      case 0x88a8 -> "Provider bridging";
      case 0x88b8 -> "GOOSE";
      case 0x88ba -> "IEC 61850 sampled values";
      case 0x88cc -> "LLDP";
      case 0x88e5 -> "MACsec";
      case 0x88e7 -> "Provider backbone bridging";
      case 0x88f7 -> "PTP";
      case 0x8902 -> "CFM";
      case 0x8906 -> "FCoE";
      case 0x8914 -> "FCoE initialization";
      case 0x8915 -> "RoCE";
      case 0x9000 -> "Loopback";
      case 0x9100 -> "VLAN, double tag";
      default -> "";
    };
  }
}
