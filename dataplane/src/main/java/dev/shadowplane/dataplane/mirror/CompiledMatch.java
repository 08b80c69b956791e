package dev.shadowplane.dataplane.mirror;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;

import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.PortRanges;
import dev.shadowplane.dataplane.packet.PacketRecord;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One {@link Match} in the form in which packets are compared: values as they lie on the wire.
 * Immutable.
 */
final class CompiledMatch {
  private static final int ANY = -1;
  private static final int ETHERNET_BYTES = 14;
  private static final long MAC_MASK = 0xffff_ffff_ffffL;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private final int kind;
  private final int protocol;
  private final int vlan;
  private final int ingress;
  private final boolean macs;
  private final long sourceMac;
  private final long destinationMac;
  private final Prefix source;
  private final Prefix destination;
  private final int @Nullable [] sourcePorts;
  private final int @Nullable [] destinationPorts;
  private final boolean endpoints;
  private final boolean either;

  /** A prefix as two masked words of the wire. */
  private record Prefix(long high, long low, long highMask, long lowMask) {
    private static Prefix of(@Nullable IpPrefix prefix) {
      if (prefix == null) {
        return new Prefix(0, 0, 0, 0);
      }
      if (prefix.isIpv6()) {
        return new Prefix(
            Long.reverseBytes(prefix.high()),
            Long.reverseBytes(prefix.low()),
            Long.reverseBytes(prefix.highMask()),
            Long.reverseBytes(prefix.lowMask()));
      }
      return new Prefix(
          0,
          Integer.toUnsignedLong(Integer.reverseBytes((int) prefix.low())),
          0,
          Integer.toUnsignedLong(Integer.reverseBytes((int) prefix.lowMask())));
    }

    private boolean contains(long addressHigh, long addressLow) {
      return (addressHigh & highMask) == high && (addressLow & lowMask) == low;
    }
  }

  CompiledMatch(Match match, ToIntFunction<String> portIndex) {
    final IpPrefix prefix = match.source() != null ? match.source() : match.destination();
    kind = prefix == null ? ANY : prefix.isIpv6() ? PacketRecord.KIND_IPV6 : PacketRecord.KIND_IPV4;
    protocol = orAny(match.protocol());
    vlan = orAny(match.vlan());
    ingress = match.ingress() == null ? ANY : portIndex.applyAsInt(match.ingress());
    macs = match.sourceMac() != null || match.destinationMac() != null;
    sourceMac = mac(match.sourceMac());
    destinationMac = mac(match.destinationMac());
    source = Prefix.of(match.source());
    destination = Prefix.of(match.destination());
    sourcePorts = ports(match.sourcePorts());
    destinationPorts = ports(match.destinationPorts());
    endpoints = macs || prefix != null || sourcePorts != null || destinationPorts != null;
    either = match.eitherDirection();
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
            .flatMap(range -> java.util.stream.Stream.of(range.low(), range.high()))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** Whether there is nothing to compare. */
  boolean matchesAll() {
    return !endpoints && kind == ANY && protocol == ANY && vlan == ANY && ingress == ANY;
  }

  /** Compares a packet, of whose frame {@code available} bytes can be read. */
  boolean matches(long record, long frame, int available) {
    final int recordKind = getUnsignedByte(record + PacketRecord.KIND);
    if (kind != ANY && kind != recordKind) {
      return false;
    }
    if (protocol != ANY
        && (recordKind == PacketRecord.KIND_OTHER
            || protocol != getUnsignedByte(record + PacketRecord.PROTOCOL))) {
      return false;
    }
    final int flags = getUnsignedByte(record + PacketRecord.FLAGS);
    if (vlan != ANY
        && ((flags & PacketRecord.FLAG_VLAN) == 0
            || vlan != (port(record + PacketRecord.VLAN_TCI) & 0xfff))) {
      return false;
    }
    if (ingress != ANY && ingress != getUnsignedByte(record + PacketRecord.INGRESS_PORT)) {
      return false;
    }
    return !endpoints || endpoints(record, recordKind, flags, frame, available);
  }

  private boolean endpoints(long record, int recordKind, int flags, long frame, int available) {
    long fromMac = 0;
    long toMac = 0;
    if (macs) {
      if (available < ETHERNET_BYTES) {
        return false;
      }
      toMac = getLong(frame) & MAC_MASK;
      fromMac = getLong(frame + 4) >>> 16;
    }
    int fromPort = 0;
    int toPort = 0;
    if (sourcePorts != null || destinationPorts != null) {
      if (!hasPorts(record, recordKind, flags)) {
        return false;
      }
      fromPort = port(record + PacketRecord.SOURCE_PORT);
      toPort = port(record + PacketRecord.DESTINATION_PORT);
    }
    long fromHigh = 0;
    long fromLow = 0;
    long toHigh = 0;
    long toLow = 0;
    if (recordKind == PacketRecord.KIND_IPV6) {
      fromHigh = getLong(record + PacketRecord.SOURCE_ADDRESS);
      fromLow = getLong(record + PacketRecord.SOURCE_ADDRESS + 8);
      toHigh = getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6);
      toLow = getLong(record + PacketRecord.DESTINATION_ADDRESS_IPV6 + 8);
    } else {
      fromLow = Integer.toUnsignedLong(getInt(record + PacketRecord.SOURCE_ADDRESS));
      toLow = Integer.toUnsignedLong(getInt(record + PacketRecord.DESTINATION_ADDRESS_IPV4));
    }
    return (macs(fromMac, toMac)
            && source.contains(fromHigh, fromLow)
            && destination.contains(toHigh, toLow)
            && within(sourcePorts, fromPort)
            && within(destinationPorts, toPort))
        || (either
            && macs(toMac, fromMac)
            && source.contains(toHigh, toLow)
            && destination.contains(fromHigh, fromLow)
            && within(sourcePorts, toPort)
            && within(destinationPorts, fromPort));
  }

  /** Whether the ports in the record, though they be 0, are ports. */
  private static boolean hasPorts(long record, int recordKind, int flags) {
    final int upper = getUnsignedByte(record + PacketRecord.PROTOCOL);
    return (upper == TCP || upper == UDP)
        && recordKind != PacketRecord.KIND_OTHER
        && (flags & (PacketRecord.FLAG_LATER_FRAGMENT | PacketRecord.FLAG_PORTLESS)) == 0;
  }

  private static int port(long at) {
    return Short.reverseBytes((short) getUnsignedShort(at)) & 0xffff;
  }

  private boolean macs(long from, long to) {
    return !macs
        || ((sourceMac == ANY || sourceMac == from)
            && (destinationMac == ANY || destinationMac == to));
  }

  private static boolean within(int @Nullable [] ranges, int port) {
    if (ranges == null) {
      return true;
    }
    for (int i = 0; i < ranges.length; i += 2) {
      if (ranges[i] <= port && port <= ranges[i + 1]) {
        return true;
      }
    }
    return false;
  }
}
