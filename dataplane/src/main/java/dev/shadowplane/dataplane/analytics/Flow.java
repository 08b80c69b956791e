package dev.shadowplane.dataplane.analytics;

import org.jspecify.annotations.Nullable;

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
 * @param details what only full records tell; null when there was none
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
    EndReason end,
    @Nullable Details details) {
  /** Value of {@link #vlan} for untagged frames. */
  public static final int NO_VLAN = -1;

  /** Value of a figure that is not known. */
  public static final long UNKNOWN = -1;

  /**
   * One direction of a flow.
   *
   * @param packets how many
   * @param bytes sum of the frame lengths on the wire
   * @param ipBytes sum of the IP packet lengths
   * @param tcpFlags every TCP flags byte or-ed, 0 for other protocols
   * @param firstSeenNs time of the first packet, 0 without one
   * @param lastSeenNs time of the last packet, 0 without one
   * @param measures what only full records tell; null when there was none
   */
  public record Direction(
      long packets,
      long bytes,
      long ipBytes,
      int tcpFlags,
      long firstSeenNs,
      long lastSeenNs,
      @Nullable Measures measures) {}

  /**
   * Statistics of one direction, over those of its packets of which there were full records.
   *
   * @param packets how many these are, at least 1
   * @param sizeBytes of frames on the wire
   * @param gapNs from the latest packet of the direction before, whatever record that had, to each
   *     of them; 0 where time ran backwards
   * @param retransmissions TCP segments sent again (keep-alives are none), and those that come into
   *     a gap in the sequence later than out of order: more than the handshake's round trip after
   *     it, 3 ms where that is not known
   * @param outOfOrder TCP segments that arrived behind later ones, without having been sent again
   * @param zeroWindows TCP segments, without SYN, FIN and RST, that close the receiver's window
   * @param roundTrip from TCP data of this direction to the first acknowledgement that covers them,
   *     of one segment at a time and none sent again (Karn's algorithm, RFC 6298, section 3)
   * @param minHopLimit the smallest time to live or hop limit
   * @param maxHopLimit the largest
   */
  public record Measures(
      long packets,
      Spread sizeBytes,
      Spread gapNs,
      long retransmissions,
      long outOfOrder,
      long zeroWindows,
      RoundTrip roundTrip,
      int minHopLimit,
      int maxHopLimit) {}

  /**
   * How values lie.
   *
   * @param count of how many; the others are 0 when it is 0
   * @param mean arithmetic
   * @param standardDeviation of the sample (n - 1), 0 for fewer than two
   * @param min the smallest
   * @param max the largest
   */
  public record Spread(long count, double mean, double standardDeviation, long min, long max) {
    /** Of nothing. */
    public static final Spread NONE = new Spread(0, 0, 0, 0, 0);
  }

  /**
   * Round-trip times as seen from the place of capture.
   *
   * @param samples how many; the others are 0 when it is 0
   * @param meanNs arithmetic
   * @param minNs the shortest
   * @param maxNs the longest
   */
  public record RoundTrip(long samples, double meanNs, long minNs, long maxNs) {
    /** None measured. */
    public static final RoundTrip NONE = new RoundTrip(0, 0, 0, 0);
  }

  /**
   * What the full records of a flow tell about both directions.
   *
   * @param srcMac the initiator's side of the link, six hexadecimal pairs
   * @param dstMac the other side
   * @param tunnel the tunnel that the frames carry or were carried by: {@code vxlan}, {@code
   *     geneve}, or empty
   * @param vni the tunnel's network, {@link #UNKNOWN} without a tunnel
   * @param rule the rule that decided about its latest packet, {@link #UNKNOWN} without one
   * @param serverRttNs from SYN to SYN with ACK, {@link #UNKNOWN} when not seen or sent again; of
   *     the connection, also where its flow was cut since
   * @param clientRttNs from there to the ACK that ends the handshake, {@link #UNKNOWN} likewise
   */
  public record Details(
      String srcMac,
      String dstMac,
      String tunnel,
      long vni,
      long rule,
      long serverRttNs,
      long clientRttNs) {}

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
