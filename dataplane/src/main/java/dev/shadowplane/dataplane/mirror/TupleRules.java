package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.PortRanges;
import dev.shadowplane.dataplane.config.TcpFlags;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.AclRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Selectors as rules of librte_acl on the records of one kind: one for each combination of
 * prefixes, port ranges, protocols and directions.
 */
final class TupleRules {
  /** Groups of so many rules get tries of their own. */
  private static final int LARGE = 64;

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final PortRanges.Range ALL_PORTS = new PortRanges.Range(0, 0xffff);

  private final int kind;
  private final ToIntFunction<String> portIndex;
  private final List<AclRules.Field> fields;
  private final Map<Integer, AclRules> groups = new TreeMap<>();

  /** One end of a packet: what it is compared with. */
  private record End(
      @Nullable MacAddress mac, List<IpPrefix> prefixes, @Nullable PortRanges ports) {
    private List<PortRanges.Range> ranges() {
      return ports == null ? List.of(ALL_PORTS) : ports.ranges();
    }
  }

  /** None yet. */
  TupleRules(int kind, ToIntFunction<String> portIndex) {
    this.kind = kind;
    this.portIndex = portIndex;
    this.fields = RecordFields.of(kind);
  }

  /** What has been added, in as few groups as can be compiled soon. */
  List<AclRules> groups() {
    final AclRules rest = new AclRules(fields);
    final List<AclRules> large = new ArrayList<>();
    final int all = groups.values().stream().mapToInt(AclRules::size).sum();
    for (AclRules group : groups.values()) {
      if (all > LARGE && group.size() > LARGE) {
        large.add(group);
      } else {
        rest.addAll(group);
      }
    }
    if (rest.size() > 0) {
      large.add(rest);
    }
    return large;
  }

  /** Adds selectors that are tuples; nothing where packets of this kind cannot match. */
  void add(Match match, int priority, int result) {
    if (!applies(match)) {
      return;
    }
    final End source = new End(match.sourceMac(), ofKind(match.sources()), match.sourcePorts());
    final End destination =
        new End(match.destinationMac(), ofKind(match.destinations()), match.destinationPorts());
    final long[] common = common(match);
    for (int protocol : protocols(match)) {
      if (protocol >= 0) {
        put(common, RecordFields.INNER_VLAN, protocol, RecordFields.PROTOCOL_MASK);
      }
      final long[] conditions = common.clone();
      add(conditions, source, destination, priority, result);
      if (match.eitherDirection() && !source.equals(destination)) {
        add(conditions, destination, source, priority, result);
      }
      remove(common, RecordFields.INNER_VLAN, RecordFields.PROTOCOL_MASK);
    }
  }

  private boolean applies(Match match) {
    if (kind == PacketRecord.KIND_OTHER) {
      return match.protocol() == null
          && match.dscp() == null
          && match.tcpFlags() == null
          && match.sourcePorts() == null
          && match.destinationPorts() == null
          && match.sources().isEmpty()
          && match.destinations().isEmpty();
    }
    return match.sources().isEmpty() == ofKind(match.sources()).isEmpty()
        && match.destinations().isEmpty() == ofKind(match.destinations()).isEmpty();
  }

  private List<IpPrefix> ofKind(List<IpPrefix> prefixes) {
    final boolean ipv6 = kind == PacketRecord.KIND_IPV6;
    return prefixes.stream().filter(prefix -> prefix.isIpv6() == ipv6).toList();
  }

  private static int[] protocols(Match match) {
    if (match.protocol() != null) {
      return new int[] {match.protocol()};
    }
    if (match.tcpFlags() != null) {
      return new int[] {TCP};
    }
    return match.sourcePorts() != null || match.destinationPorts() != null
        ? new int[] {TCP, UDP}
        : new int[] {-1};
  }

  /** What does not depend on the ends, all else open. */
  private long[] common(Match match) {
    final long[] conditions = new long[2 * fields.size()];
    for (int i = 0; i < fields.size(); i++) {
      conditions[2 * i + 1] = fields.get(i).isRange() ? 0xffff : 0;
    }
    final TcpFlags flags = match.tcpFlags();
    if (flags != null) {
      put(
          conditions,
          RecordFields.INNER_VLAN,
          flags.value() << RecordFields.TCP_FLAGS_SHIFT,
          flags.mask() << RecordFields.TCP_FLAGS_SHIFT);
    }
    if (flags != null || match.sourcePorts() != null || match.destinationPorts() != null) {
      put(conditions, RecordFields.FLAGS, 0, RecordFields.WITHOUT_PORTS);
    }
    if (match.dscp() != null) {
      put(
          conditions,
          RecordFields.HEAD,
          match.dscp() << RecordFields.HEAD_DSCP_SHIFT,
          RecordFields.HEAD_DSCP);
    }
    if (match.ingress() != null) {
      put(
          conditions,
          RecordFields.HEAD,
          portIndex.applyAsInt(match.ingress()) << RecordFields.HEAD_INGRESS_SHIFT,
          RecordFields.HEAD_INGRESS);
    }
    if (match.sourceMac() != null || match.destinationMac() != null) {
      final int shift = RecordFields.HEAD_MACS_THERE_SHIFT;
      put(conditions, RecordFields.HEAD, 1 << shift, 0xff << shift);
    }
    if (match.vlan() != null) {
      put(conditions, RecordFields.VLAN, match.vlan(), RecordFields.VID_MASK);
    }
    if (match.innerVlan() != null) {
      put(
          conditions,
          RecordFields.INNER_VLAN,
          match.innerVlan() << RecordFields.INNER_VLAN_SHIFT,
          RecordFields.VID_MASK << RecordFields.INNER_VLAN_SHIFT);
    }
    return conditions;
  }

  private void add(long[] conditions, End source, End destination, int priority, int result) {
    macs(conditions, source.mac, destination.mac);
    final AclRules rules =
        groups.computeIfAbsent(group(source, destination), key -> new AclRules(fields));
    if (kind == PacketRecord.KIND_OTHER) {
      rules.add(priority, result, conditions);
      return;
    }
    for (PortRanges.Range from : source.ranges()) {
      range(conditions, RecordFields.SOURCE_PORT, from);
      for (PortRanges.Range to : destination.ranges()) {
        range(conditions, RecordFields.DESTINATION_PORT, to);
        for (IpPrefix sender : orAny(source.prefixes)) {
          address(conditions, RecordFields.ADDRESSES, sender);
          for (IpPrefix receiver : orAny(destination.prefixes)) {
            address(conditions, RecordFields.ADDRESSES + RecordFields.addressWords(kind), receiver);
            rules.add(priority, result, conditions);
          }
        }
      }
    }
  }

  /**
   * By what of each end a rule tells packets apart. Rules about the one end together with rules
   * about the other would make a trie as large as the product of their numbers.
   */
  private static int group(End source, End destination) {
    if (!source.prefixes.isEmpty() || !destination.prefixes.isEmpty()) {
      return (source.prefixes.isEmpty() ? 0 : 1) + (destination.prefixes.isEmpty() ? 0 : 2);
    }
    if (source.mac != null || destination.mac != null) {
      return 4 + (source.mac == null ? 0 : 1) + (destination.mac == null ? 0 : 2);
    }
    return 8 + (source.ports == null ? 0 : 1) + (destination.ports == null ? 0 : 2);
  }

  private List<IpPrefix> orAny(List<IpPrefix> prefixes) {
    return prefixes.isEmpty()
        ? List.of(new IpPrefix(kind == PacketRecord.KIND_IPV6, 0, 0, 0))
        : prefixes;
  }

  private void macs(
      long[] conditions, @Nullable MacAddress source, @Nullable MacAddress destination) {
    final int first = RecordFields.macs(kind);
    for (int i = 0; i < RecordFields.MAC_BYTES / Integer.BYTES; i++) {
      clear(conditions, first + i);
    }
    if (destination != null) {
      put(conditions, first, (int) (destination.value() >>> 16), -1);
      put(conditions, first + 1, (int) (destination.value() << 16), 0xffff_0000);
    }
    if (source != null) {
      put(conditions, first + 1, (int) (source.value() >>> 32), 0xffff);
      put(conditions, first + 2, (int) source.value(), -1);
    }
  }

  private void address(long[] conditions, int field, IpPrefix prefix) {
    final int words = RecordFields.addressWords(kind);
    for (int i = 0; i < words; i++) {
      clear(conditions, field + i);
      final boolean high = words == 4 && i < 2;
      final int shift = words == 4 && i % 2 == 0 ? 32 : 0;
      put(
          conditions,
          field + i,
          (int) ((high ? prefix.high() : prefix.low()) >>> shift),
          (int) ((high ? prefix.highMask() : prefix.lowMask()) >>> shift));
    }
  }

  private static void range(long[] conditions, int field, PortRanges.Range range) {
    conditions[2 * field] = range.low();
    conditions[2 * field + 1] = range.high();
  }

  /** Adds bits to what a field is compared with. */
  private static void put(long[] conditions, int field, int value, int mask) {
    conditions[2 * field] |= Integer.toUnsignedLong(value);
    conditions[2 * field + 1] |= Integer.toUnsignedLong(mask);
  }

  private static void remove(long[] conditions, int field, int mask) {
    conditions[2 * field] &= ~Integer.toUnsignedLong(mask);
    conditions[2 * field + 1] &= ~Integer.toUnsignedLong(mask);
  }

  private static void clear(long[] conditions, int field) {
    remove(conditions, field, -1);
  }
}
