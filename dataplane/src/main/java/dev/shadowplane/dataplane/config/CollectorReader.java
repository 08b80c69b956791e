package dev.shadowplane.dataplane.config;

import dev.shadowplane.dataplane.config.CollectorConfig.TooLong;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the list under {@code collectors}. */
final class CollectorReader {
  /** The least MTU: what every IPv4 host takes in one piece (RFC 791), or IPv6 link (RFC 8200). */
  private static final int MIN_MTU_IPV4 = 576;

  private static final int MIN_MTU_IPV6 = 1280;
  private static final int MAX_COLLECTORS = 256;

  private CollectorReader() {}

  static List<CollectorConfig> collectors(
      YamlReader root, List<PortConfig> ports, List<WorkerConfig> workers) {
    final Set<String> known = new HashSet<>();
    ports.forEach(port -> known.add(port.name()));
    final Set<String> forwarding = ForwardPair.portsOf(workers);
    final Set<String> names = new HashSet<>();
    final List<CollectorConfig> collectors = new ArrayList<>();
    for (YamlReader entry : root.mappings("collectors")) {
      final CollectorConfig collector = collector(entry);
      if (!names.add(collector.name())) {
        throw entry.refuse("name", collector.name() + " names two collectors: rename one");
      }
      if (!known.contains(collector.port())) {
        throw entry.refuse("port", collector.port(), "is not a port: configure it under ports");
      }
      if (forwarding.contains(collector.port())) {
        throw entry.refuse(
            "port", collector.port(), "carries production: give a port that does not forward");
      }
      if (ports.stream().anyMatch(port -> port.shadow() && port.name().equals(collector.port()))) {
        throw entry.refuse(
            "port",
            collector.port(),
            "has a shadow network behind it, whose answers are dropped: give another port");
      }
      collectors.add(collector);
    }
    if (collectors.size() > MAX_COLLECTORS) {
      throw root.refuse("collectors", "at most " + MAX_COLLECTORS + " are allowed");
    }
    return collectors;
  }

  private static CollectorConfig collector(YamlReader entry) {
    final String name = entry.text("name");
    if (!RuleReader.NAME.matcher(name).matches()) {
      throw entry.refuse("name", name, RuleReader.NAME_REMEDY);
    }
    final String port = entry.text("port");
    final Encapsulation encapsulation = required(entry, "encapsulation", Encapsulation::of);
    final long id = id(entry, encapsulation);
    final InetAddress source = required(entry, "source", CollectorReader::unicast);
    final InetAddress destination = required(entry, "destination", CollectorReader::unicast);
    sameVersion(entry, "destination", source, destination);
    final @Nullable MacAddress nextHopMac =
        entry.optional("next-hop-mac", CollectorReader::unicastMac).orElse(null);
    final @Nullable InetAddress nextHop =
        entry.optional("next-hop", CollectorReader::unicast).orElse(null);
    if (nextHop != null) {
      sameVersion(entry, "next-hop", source, nextHop);
      if (nextHopMac != null) {
        throw entry.refuse("next-hop", "is there beside next-hop-mac: keep one");
      }
    }
    final boolean ipv6 = source.getAddress().length == 16;
    final CollectorConfig collector =
        new CollectorConfig(
            name,
            port,
            encapsulation,
            id,
            source,
            destination,
            nextHop == null ? destination : nextHop,
            nextHopMac,
            entry.optional("source-mac", CollectorReader::unicastMac).orElse(null),
            entry.optional("vlan", text -> YamlReader.wholeNumber(text, 1, 4_094)).orElse(null),
            encapsulation.udpPort() == 0
                ? 0
                : entry.integer("udp-port", encapsulation.udpPort(), 1, 65_535),
            entry.integer("ttl", 64, 1, 255),
            entry.integer("dscp", 0, 0, 63),
            entry
                .optional(
                    "mtu",
                    text ->
                        YamlReader.wholeNumber(text, ipv6 ? MIN_MTU_IPV6 : MIN_MTU_IPV4, 65_535))
                .orElse(0),
            entry.optional("too-long", CollectorReader::tooLong).orElse(TooLong.FRAGMENT));
    entry.done();
    return collector;
  }

  private static long id(YamlReader entry, Encapsulation encapsulation) {
    final String key = encapsulation.idKey();
    final long id =
        entry
            .optional(key, text -> YamlReader.wholeNumber(text, 0, encapsulation.maxId()))
            .orElse(CollectorConfig.NO_ID);
    if (id == CollectorConfig.NO_ID && !encapsulation.isIdOptional()) {
      throw entry.refuse(key, "is missing: add it");
    }
    return id;
  }

  private static <T> T required(
      YamlReader entry, String key, java.util.function.Function<String, T> parse) {
    return entry.optional(key, parse).orElseThrow(() -> entry.refuse(key, "is missing: add it"));
  }

  private static InetAddress unicast(String text) {
    final InetAddress address = IpPrefix.address(text);
    if (address.isMulticastAddress()
        || address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || (address.getAddress().length == 4 && (address.getAddress()[0] & 0xf0) == 0xf0)) {
      throw new IllegalArgumentException("give the unicast address of one host");
    }
    return address;
  }

  private static MacAddress unicastMac(String text) {
    final MacAddress address = MacAddress.of(text);
    if (address.value() == 0 || ((address.value() >>> 40) & 1) != 0) {
      throw new IllegalArgumentException("give the unicast address of one interface");
    }
    return address;
  }

  private static void sameVersion(
      YamlReader entry, String key, InetAddress source, InetAddress other) {
    if (source.getAddress().length != other.getAddress().length) {
      throw entry.refuse(
          key,
          other.getHostAddress(),
          "is of another IP version than source: give one of the same");
    }
  }

  private static TooLong tooLong(String text) {
    return switch (text) {
      case "fragment" -> TooLong.FRAGMENT;
      case "truncate" -> TooLong.TRUNCATE;
      case "refuse" -> TooLong.REFUSE;
      default -> throw new IllegalArgumentException("give fragment, truncate or refuse");
    };
  }
}
