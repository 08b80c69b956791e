package dev.shadowplane.dataplane.analytics;

/**
 * A bidirectional flow as it was at one moment. The initiator is the source.
 *
 * @param srcIp address of the initiator, IPv6 in the form of RFC 5952
 * @param srcPort its port, 0 where the protocol has none and for fragments
 * @param dstIp address of the other side
 * @param dstPort its port
 * @param protocol the IP protocol number
 * @param vlan id of the outer VLAN tag, {@link #NO_VLAN} without one and for priority tags (id 0)
 * @param firstSeenNs time of the first packet of either direction, ns since 1970
 * @param lastSeenNs time of the last
 * @param srcToDst what the initiator sent
 * @param dstToSrc what the other side sent
 * @param end why it ended, or {@link EndReason#ONGOING}
 */
public record Flow(
    String srcIp,
    int srcPort,
    String dstIp,
    int dstPort,
    int protocol,
    int vlan,
    long firstSeenNs,
    long lastSeenNs,
    Direction srcToDst,
    Direction dstToSrc,
    EndReason end) {
  /** Value of {@link #vlan} for untagged frames. */
  public static final int NO_VLAN = -1;

  /**
   * One direction of a flow.
   *
   * @param packets how many
   * @param bytes sum of the frame lengths on the wire
   * @param ipBytes sum of the IP packet lengths
   * @param tcpFlags every TCP flags byte or-ed, 0 for other protocols
   * @param firstSeenNs time of the first packet, 0 without one
   * @param lastSeenNs time of the last packet, 0 without one
   */
  public record Direction(
      long packets, long bytes, long ipBytes, int tcpFlags, long firstSeenNs, long lastSeenNs) {}

  /**
   * Packets of both directions.
   *
   * @return their sum
   */
  public long packets() {
    return srcToDst.packets + dstToSrc.packets;
  }

  /**
   * Frame bytes of both directions.
   *
   * @return their sum
   */
  public long bytes() {
    return srcToDst.bytes + dstToSrc.bytes;
  }
}
