package dev.shadowplane.dataplane.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads selectors, and refuses those that contradict themselves. */
public final class MatchReader {
  private static final int TCP = 6;
  private static final int UDP = 17;

  /** How deep {@code not} and {@code inner} may lie in one another. */
  private static final int MAX_DEPTH = 4;

  private static final Map<String, Integer> PROTOCOLS =
      Map.of("icmp", 1, "tcp", 6, "udp", 17, "gre", 47, "esp", 50, "icmpv6", 58, "sctp", 132);

  private final YamlReader reader;
  private final boolean isInner;
  private final int depth;
  private @Nullable MacAddress sourceMac;
  private @Nullable MacAddress destinationMac;
  private List<IpPrefix> sources = List.of();
  private List<IpPrefix> destinations = List.of();

  private MatchReader(YamlReader reader, boolean isInner, int depth) {
    this.reader = reader;
    this.isInner = isInner;
    this.depth = depth;
  }

  /**
   * Reads a text.
   *
   * @param source what errors call it
   * @param text a mapping in YAML or JSON
   * @return the selectors
   * @throws ConfigException naming field and reason
   */
  public static Match read(String source, String text) {
    return read(YamlReader.of(source, text));
  }

  /**
   * Reads a mapping.
   *
   * @param reader the mapping
   * @return the selectors
   * @throws ConfigException naming field and reason
   */
  public static Match read(YamlReader reader) {
    return new MatchReader(reader, false, 1).match();
  }

  private Match match() {
    final String filter = isInner ? null : reader.optionalText("filter").orElse(null);
    macs();
    addresses();
    final Integer vlan = vlan("vlan");
    final Integer innerVlan = vlan("inner-vlan");
    final Integer dscp =
        reader.optional("dscp", text -> YamlReader.wholeNumber(text, 0, 63)).orElse(null);
    final Integer protocol = reader.optional("protocol", MatchReader::protocol).orElse(null);
    final TcpFlags tcpFlags = reader.optional("tcp-flags", TcpFlags::of).orElse(null);
    final PortRanges sourcePorts = ports("source-ports");
    final PortRanges destinationPorts = ports("destination-ports");
    final String ingress = isInner ? null : reader.optionalText("ingress").orElse(null);
    final boolean either = reader.optional("direction", MatchReader::either).orElse(true);
    final Tunnel tunnel = isInner ? null : reader.mapping("tunnel").map(this::tunnel).orElse(null);
    final Match inner =
        isInner ? null : reader.mapping("inner").map(nested -> nested(nested, true)).orElse(null);
    final Match not = reader.mapping("not").map(nested -> nested(nested, isInner)).orElse(null);
    reader.done();
    final Match match =
        new Match(
            sourceMac,
            destinationMac,
            vlan,
            innerVlan,
            sources,
            destinations,
            protocol,
            dscp,
            tcpFlags,
            sourcePorts,
            destinationPorts,
            ingress,
            either,
            tunnel,
            inner,
            filter,
            not);
    check(match);
    return match;
  }

  private Match nested(YamlReader nested, boolean inner) {
    if (depth == MAX_DEPTH) {
      throw reader.refuse("not", "lies deeper than " + MAX_DEPTH + " levels: use several rules");
    }
    return new MatchReader(nested, inner, depth + 1).match();
  }

  private Tunnel tunnel(YamlReader nested) {
    final Tunnel tunnel =
        new Tunnel(
            nested.optional("type", Tunnel.Type::of).orElse(null),
            nested
                .optional("vni", text -> YamlReader.wholeNumber(text, 0, Tunnel.MAX_VNI))
                .orElse(null));
    nested.done();
    return tunnel;
  }

  private void macs() {
    sourceMac = reader.optional("source-mac", MacAddress::of).orElse(null);
    destinationMac = reader.optional("destination-mac", MacAddress::of).orElse(null);
    final List<MacAddress> macs = list("macs", MacAddress::of);
    if (!macs.isEmpty()) {
      if (macs.size() != 2 || sourceMac != null || destinationMac != null) {
        throw reader.refuse(
            "macs", "give two addresses, and neither source-mac nor destination-mac beside them");
      }
      sourceMac = macs.get(0);
      destinationMac = macs.get(1);
    }
  }

  private void addresses() {
    sources = list("source", IpPrefix::of);
    destinations = list("destination", IpPrefix::of);
    final List<IpPrefix> hosts = list("hosts", IpPrefix::of);
    if (!hosts.isEmpty()) {
      if (hosts.size() != 2 || !sources.isEmpty() || !destinations.isEmpty()) {
        throw reader.refuse(
            "hosts", "give two addresses, and neither source nor destination beside them");
      }
      sources = hosts.subList(0, 1);
      destinations = hosts.subList(1, 2);
    }
    if (!sources.isEmpty()
        && !destinations.isEmpty()
        && sources.stream()
            .noneMatch(a -> destinations.stream().anyMatch(b -> a.isIpv6() == b.isIpv6()))) {
      throw reader.refuse(
          hosts.isEmpty() ? "destination" : "hosts",
          "source and destination are of different IP versions: use two rules");
    }
  }

  private @Nullable Integer vlan(String key) {
    return reader.optional(key, text -> YamlReader.wholeNumber(text, 1, 4094)).orElse(null);
  }

  private @Nullable PortRanges ports(String key) {
    final List<String> parts = reader.textOrTexts(key);
    if (parts.isEmpty()) {
      return null;
    }
    final String text = String.join(",", parts);
    try {
      return PortRanges.of(text);
    } catch (IllegalArgumentException e) {
      throw reader.refuse(key, text, String.valueOf(e.getMessage()));
    }
  }

  private <T> List<T> list(String key, Function<String, T> parse) {
    final List<T> values = new ArrayList<>();
    for (String text : reader.textOrTexts(key)) {
      try {
        final T value = parse.apply(text);
        if (values.contains(value) && !key.equals("macs") && !key.equals("hosts")) {
          throw new IllegalArgumentException("is there twice: keep one");
        }
        values.add(value);
      } catch (IllegalArgumentException e) {
        throw reader.refuse(key, text, String.valueOf(e.getMessage()));
      }
    }
    return values;
  }

  private static boolean either(String text) {
    return switch (text) {
      case "either" -> true;
      case "forward" -> false;
      default -> throw new IllegalArgumentException("give either or forward");
    };
  }

  private void check(Match match) {
    final Integer protocol = match.protocol();
    if (match.filter() != null
        && !match.equals(ofFilter(match.filter(), match.eitherDirection()))) {
      throw reader.refuse(
          "filter", "stands for all selectors: leave out the others, or write them into it");
    }
    final boolean ports = match.sourcePorts() != null || match.destinationPorts() != null;
    if (ports && protocol != null && protocol != TCP && protocol != UDP) {
      throw reader.refuse("protocol", "ports are read of tcp and udp only: leave one of them out");
    }
    if (match.tcpFlags() != null && protocol != null && protocol != TCP) {
      throw reader.refuse("protocol", "tcp-flags are of tcp only: leave one of them out");
    }
    if ((match.tunnel() != null || match.inner() != null)
        && ((protocol != null && protocol != UDP) || match.tcpFlags() != null)) {
      throw reader.refuse(
          "protocol", "what carries another packet is udp: leave it out, or put it under inner");
    }
    final Match not = match.not();
    if (not != null) {
      if (not.matchesAll()) {
        throw reader.refuse("not", "excludes every packet: give it a selector");
      }
      if (withoutNot(match).equals(not)) {
        throw reader.refuse("not", "excludes all that the other selectors leave: change one");
      }
    }
  }

  private static Match ofFilter(String filter, boolean either) {
    return new Match(
        null, null, null, null, List.of(), List.of(), null, null, null, null, null, null, either,
        null, null, filter, null);
  }

  private static Match withoutNot(Match match) {
    return new Match(
        match.sourceMac(),
        match.destinationMac(),
        match.vlan(),
        match.innerVlan(),
        match.sources(),
        match.destinations(),
        match.protocol(),
        match.dscp(),
        match.tcpFlags(),
        match.sourcePorts(),
        match.destinationPorts(),
        match.ingress(),
        match.eitherDirection(),
        match.tunnel(),
        match.inner(),
        match.filter(),
        null);
  }

  private static int protocol(String text) {
    final Integer number = PROTOCOLS.get(text.toLowerCase(Locale.ROOT));
    if (number != null) {
      return number;
    }
    try {
      return YamlReader.wholeNumber(text, 0, 255);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "give a number from 0 to 255 or one of "
              + String.join(", ", PROTOCOLS.keySet().stream().sorted().toList()),
          e);
    }
  }

  /**
   * The name of a protocol, where it has one that {@link #read} reads.
   *
   * @param number the protocol's
   * @return its name, or the number
   */
  static String protocolName(int number) {
    return PROTOCOLS.entrySet().stream()
        .filter(entry -> entry.getValue() == number)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(Integer.toString(number));
  }
}
