package dev.shadowplane.dataplane.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The selector language of mirror rules, exports, replays and statistics: which packets are meant,
 * those that fulfil every condition given. A condition that is null, or an empty list, is none.
 *
 * <p>Everything but {@code sourceMac}, {@code destinationMac}, {@code tunnel}, {@code inner} and
 * {@code filter} is decided by a packet's record; those need the frame's bytes, see {@link
 * #needsFrame()}.
 *
 * @param sourceMac the sender on the link
 * @param destinationMac the receiver on the link
 * @param vlan the VLAN identifier of the outermost tag, 1 to 4,094
 * @param innerVlan that of the second tag
 * @param sources the sender's address is in one of them
 * @param destinations the receiver's address is in one of them
 * @param protocol the upper-layer protocol's number
 * @param dscp the differentiated services code point, 0 to 63
 * @param tcpFlags TCP with these flags
 * @param sourcePorts the sender's ports, of TCP or UDP
 * @param destinationPorts the receiver's ports
 * @param ingress the name of the port that received the frame
 * @param eitherDirection whether packets with both ends exchanged match too
 * @param tunnel how the packet carries another; null also when only {@code inner} is asked for
 * @param inner what the packet that is carried fulfils: one level deep, without ingress and filter
 * @param filter an expression of tcpdump on the whole frame, in place of all others
 * @param not what the packet does not fulfil
 */
public record Match(
    @Nullable MacAddress sourceMac,
    @Nullable MacAddress destinationMac,
    @Nullable Integer vlan,
    @Nullable Integer innerVlan,
    List<IpPrefix> sources,
    List<IpPrefix> destinations,
    @Nullable Integer protocol,
    @Nullable Integer dscp,
    @Nullable TcpFlags tcpFlags,
    @Nullable PortRanges sourcePorts,
    @Nullable PortRanges destinationPorts,
    @Nullable String ingress,
    boolean eitherDirection,
    @Nullable Tunnel tunnel,
    @Nullable Match inner,
    @Nullable String filter,
    @Nullable Match not) {
  /** Matches every packet. */
  public static final Match ALL =
      new Match(
          null, null, null, null, List.of(), List.of(), null, null, null, null, null, null, true,
          null, null, null, null);

  /** Copies the lists. */
  public Match {
    sources = List.copyOf(sources);
    destinations = List.copyOf(destinations);
  }

  /**
   * Whether every packet matches.
   *
   * @return true without any condition
   */
  public boolean matchesAll() {
    return equals(ALL) || equals(ALL.oneWay());
  }

  private Match oneWay() {
    return new Match(
        null, null, null, null, List.of(), List.of(), null, null, null, null, null, null, false,
        null, null, null, null);
  }

  /**
   * Whether librte_acl can decide it: no tunnel, inner packet, filter or negation.
   *
   * @return true for what is a tuple of headers
   */
  public boolean isTuple() {
    return tunnel == null && inner == null && filter == null && not == null;
  }

  /**
   * Whether records do not suffice.
   *
   * @return true when it cannot be used where there are no frames
   */
  public boolean needsFrame() {
    return sourceMac != null
        || destinationMac != null
        || tunnel != null
        || inner != null
        || filter != null
        || (not != null && not.needsFrame());
  }

  /**
   * How many combinations of single prefixes, port ranges, protocols and directions it stands for.
   *
   * @return the larger of its own and those within it
   */
  public long tuples() {
    final boolean ports = sourcePorts != null || destinationPorts != null;
    final long own =
        (eitherDirection ? 2L : 1L)
            * (ports && protocol == null && tcpFlags == null ? 2 : 1)
            * Math.max(1, sources.size())
            * Math.max(1, destinations.size())
            * (sourcePorts == null ? 1 : sourcePorts.ranges().size())
            * (destinationPorts == null ? 1 : destinationPorts.ranges().size());
    return Math.max(
        own, Math.max(not == null ? 1 : not.tuples(), inner == null ? 1 : inner.tuples()));
  }

  /**
   * Whether the packet that another carries matters.
   *
   * @return true when frames are searched for one
   */
  public boolean needsInner() {
    return tunnel != null || inner != null || (not != null && not.needsInner());
  }
}
