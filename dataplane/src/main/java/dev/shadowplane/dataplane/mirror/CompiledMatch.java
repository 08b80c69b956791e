package dev.shadowplane.dataplane.mirror;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;

import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.PortRanges;
import dev.shadowplane.dataplane.config.TcpFlags;
import dev.shadowplane.dataplane.config.Tunnel;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.TunnelHeader;
import dev.shadowplane.dataplane.packet.TunnelParser;
import dev.shadowplane.dpdk.BpfFilter;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One {@link Match} in the form in which packets are compared one by one: values as they lie on the
 * wire. The meaning of selectors everywhere: {@link RuleTable} decides faster and equally.
 * Immutable, for any number of threads with a {@link PacketView} each; allocates nothing when it
 * compares.
 */
public final class CompiledMatch implements AutoCloseable {
  private static final int ANY = -1;
  private static final int ETHERNET_BYTES = 14;
  private static final long MAC_MASK = 0xffff_ffff_ffffL;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private final boolean ipOnly;
  private final int protocol;
  private final int dscp;
  private final int vlan;
  private final int innerVlan;
  private final int ingress;
  private final int tcpMask;
  private final int tcpValue;
  private final boolean macs;
  private final long sourceMac;
  private final long destinationMac;
  private final boolean addresses;
  private final Prefixes sources;
  private final Prefixes destinations;
  private final int @Nullable [] sourcePorts;
  private final int @Nullable [] destinationPorts;
  private final boolean endpoints;
  private final boolean either;
  private final boolean tunnelled;
  private final int tunnelPort;
  private final int vni;
  private final @Nullable CompiledMatch inner;
  private final @Nullable BpfFilter filter;
  private final @Nullable CompiledMatch not;
  private final boolean extended;
  private final boolean matchesAll;

  /** Prefixes of which an address is to be in one, each as masked words of the wire. */
  private static final class Prefixes {
    private final boolean any;
    private final int[] ipv4;
    private final long[] ipv6;

    private Prefixes(List<IpPrefix> prefixes) {
      any = prefixes.isEmpty();
      ipv4 =
          prefixes.stream()
              .filter(prefix -> !prefix.isIpv6())
              .flatMapToInt(prefix ->
                  IntStream.of(
                      Integer.reverseBytes((int) prefix.low()),
                      Integer.reverseBytes((int) prefix.lowMask())))
              .toArray();
      ipv6 =
          prefixes.stream()
              .filter(IpPrefix::isIpv6)
              .flatMapToLong(prefix ->
                  LongStream.of(
                      Long.reverseBytes(prefix.high()),
                      Long.reverseBytes(prefix.low()),
                      Long.reverseBytes(prefix.highMask()),
                      Long.reverseBytes(prefix.lowMask())))
              .toArray();
    }

    private boolean contain(int address) {
      for (int i = 0; i < ipv4.length; i += 2) {
        if ((address & ipv4[i + 1]) == ipv4[i]) {
          return true;
        }
      }
      return any;
    }

    private boolean contain(long high, long low) {
      for (int i = 0; i < ipv6.length; i += 4) {
        if ((high & ipv6[i + 2]) == ipv6[i] && (low & ipv6[i + 3]) == ipv6[i + 1]) {
          return true;
        }
      }
      return any;
    }
  }

  /**
   * Compiles selectors.
   *
   * @param match checked before
   * @param portIndex the index of a port by its name
   * @throws dev.shadowplane.dpdk.DpdkException when the filter does not compile
   */
  public CompiledMatch(Match match, ToIntFunction<String> portIndex) {
    protocol = orAny(match.protocol());
    dscp = orAny(match.dscp());
    vlan = orAny(match.vlan());
    innerVlan = orAny(match.innerVlan());
    ingress = match.ingress() == null ? ANY : portIndex.applyAsInt(match.ingress());
    final TcpFlags flags = match.tcpFlags();
    tcpMask = flags == null ? 0 : flags.mask();
    tcpValue = flags == null ? 0 : flags.value();
    ipOnly = protocol != ANY || dscp != ANY || tcpMask != 0;
    macs = match.sourceMac() != null || match.destinationMac() != null;
    sourceMac = mac(match.sourceMac());
    destinationMac = mac(match.destinationMac());
    sources = new Prefixes(match.sources());
    destinations = new Prefixes(match.destinations());
    addresses = !sources.any || !destinations.any;
    sourcePorts = ports(match.sourcePorts());
    destinationPorts = ports(match.destinationPorts());
    endpoints = macs || addresses || sourcePorts != null || destinationPorts != null;
    either = match.eitherDirection();
    final Tunnel tunnel = match.tunnel();
    tunnelled = tunnel != null || match.inner() != null;
    tunnelPort = tunnel == null || tunnel.type() == null ? ANY : tunnel.type().port();
    vni = tunnel == null ? ANY : orAny(tunnel.vni());
    inner = match.inner() == null ? null : new CompiledMatch(match.inner(), portIndex);
    not = match.not() == null ? null : new CompiledMatch(match.not(), portIndex);
    filter = match.filter() == null ? null : new BpfFilter(match.filter());
    extended = !match.isTuple();
    matchesAll = match.matchesAll();
  }

  private static int orAny(@Nullable Integer value) {
    return value == null ? ANY : value;
  }

  private static long mac(@Nullable MacAddress address) {
    return address == null ? ANY : Long.reverseBytes(address.value()) >>> 16;
  }

  private static int @Nullable [] ports(@Nullable PortRanges ranges) {
    return ranges == null
        ? null
        : ranges.ranges().stream()
            .flatMap(range -> Stream.of(range.low(), range.high()))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** Whether there is nothing to compare. */
  boolean matchesAll() {
    return matchesAll;
  }

  /**
   * Compares a packet.
   *
   * @param packet it, with its frame if there is one
   * @return whether it fulfils every condition; those on bytes that cannot be read are not
   *     fulfilled
   */
  public boolean matches(PacketView packet) {
    final long record = packet.record();
    return headers(record)
        && (!endpoints || endpoints(record, packet, false))
        && (!extended || extended(packet));
  }

  private boolean extended(PacketView packet) {
    if (filter != null && (packet.mbuf() == 0 || !filter.matches(packet.mbuf()))) {
      return false;
    }
    if (tunnelled && !carries(packet.tunnel())) {
      return false;
    }
    if (inner != null) {
      final TunnelParser tunnel = packet.tunnel();
      if (!tunnel.hasInner() || !inner.matchesInner(packet)) {
        return false;
      }
    }
    return not == null || !not.matches(packet);
  }

  private boolean carries(TunnelParser tunnel) {
    return tunnel.port() != TunnelHeader.NONE
        && (tunnelPort == ANY || tunnelPort == tunnel.port())
        && (vni == ANY || vni == tunnel.vni());
  }

  /** Compares the packet that a packet carries, which it has. */
  private boolean matchesInner(PacketView packet) {
    final long record = packet.tunnel().innerRecord();
    return headers(record)
        && (!endpoints || endpoints(record, packet, true))
        && (not == null || !not.matchesInner(packet));
  }

  private boolean headers(long record) {
    if (ipOnly
        && (RecordFields.kind(record) == PacketRecord.KIND_OTHER
            || (protocol != ANY && protocol != RecordFields.protocol(record))
            || (dscp != ANY && dscp != RecordFields.dscp(record))
            || (tcpMask != 0
                && (RecordFields.protocol(record) != TCP
                    || (RecordFields.flags(record) & RecordFields.WITHOUT_PORTS) != 0
                    || (RecordFields.tcpFlags(record) & tcpMask) != tcpValue)))) {
      return false;
    }
    return (vlan == ANY || vlan == RecordFields.vlan(record))
        && (innerVlan == ANY || innerVlan == RecordFields.innerVlan(record))
        && (ingress == ANY || ingress == RecordFields.ingress(record));
  }

  private boolean endpoints(long record, PacketView packet, boolean ofInner) {
    final int kind = RecordFields.kind(record);
    if (addresses && kind == PacketRecord.KIND_OTHER) {
      return false;
    }
    if ((sourcePorts != null || destinationPorts != null) && !hasPorts(record, kind)) {
      return false;
    }
    long fromMac = 0;
    long toMac = 0;
    if (macs) {
      final int available = ofInner ? packet.tunnel().innerAvailable() : packet.available();
      if (available < ETHERNET_BYTES) {
        return false;
      }
      final long frame = ofInner ? packet.tunnel().innerFrame() : packet.frame();
      toMac = getLong(frame) & MAC_MASK;
      fromMac = getLong(frame + 4) >>> 16;
    }
    return (macs(fromMac, toMac) && ports(record, false) && addresses(record, kind, false))
        || (either && macs(toMac, fromMac) && ports(record, true) && addresses(record, kind, true));
  }

  /** Whether the ports in the record, though they be 0, are ports. */
  private static boolean hasPorts(long record, int kind) {
    final int upper = RecordFields.protocol(record);
    return (upper == TCP || upper == UDP)
        && kind != PacketRecord.KIND_OTHER
        && (RecordFields.flags(record) & RecordFields.WITHOUT_PORTS) == 0;
  }

  private boolean addresses(long record, int kind, boolean exchanged) {
    if (!addresses) {
      return true;
    }
    final long from = record + PacketRecord.SOURCE_ADDRESS;
    if (kind == PacketRecord.KIND_IPV6) {
      final long to = record + PacketRecord.DESTINATION_ADDRESS_IPV6;
      final long source = exchanged ? to : from;
      final long destination = exchanged ? from : to;
      return sources.contain(getLong(source), getLong(source + Long.BYTES))
          && destinations.contain(getLong(destination), getLong(destination + Long.BYTES));
    }
    final long to = record + PacketRecord.DESTINATION_ADDRESS_IPV4;
    return sources.contain(getInt(exchanged ? to : from))
        && destinations.contain(getInt(exchanged ? from : to));
  }

  private boolean macs(long from, long to) {
    return !macs
        || ((sourceMac == ANY || sourceMac == from)
            && (destinationMac == ANY || destinationMac == to));
  }

  private boolean ports(long record, boolean exchanged) {
    return (sourcePorts == null
            || within(
                sourcePorts,
                exchanged ? RecordFields.destinationPort(record) : RecordFields.sourcePort(record)))
        && (destinationPorts == null
            || within(
                destinationPorts,
                exchanged
                    ? RecordFields.sourcePort(record)
                    : RecordFields.destinationPort(record)));
  }

  private static boolean within(int[] ranges, int port) {
    for (int i = 0; i < ranges.length; i += 2) {
      if (ranges[i] <= port && port <= ranges[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /** Frees the filter, if there is one. No thread compares any more. */
  @Override
  public void close() {
    if (filter != null) {
      filter.close();
    }
    if (not != null) {
      not.close();
    }
  }
}
