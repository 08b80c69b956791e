package dev.shadowplane.dataplane.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes selectors in the form that {@link MatchReader} reads. */
public final class MatchWriter {
  private MatchWriter() {}

  /**
   * Writes selectors.
   *
   * @param match them
   * @return one line of JSON
   */
  public static String write(Match match) {
    return Json.write(map(match));
  }

  /** As an object of JSON. */
  static Map<String, Object> map(Match match) {
    final Map<String, Object> map = new LinkedHashMap<>();
    put(map, "filter", match.filter());
    put(map, "source-mac", match.sourceMac());
    put(map, "destination-mac", match.destinationMac());
    put(map, "vlan", match.vlan());
    put(map, "inner-vlan", match.innerVlan());
    put(map, "source", oneOrAll(match.sources()));
    put(map, "destination", oneOrAll(match.destinations()));
    final Integer protocol = match.protocol();
    put(map, "protocol", protocol == null ? null : MatchReader.protocolName(protocol));
    put(map, "dscp", match.dscp());
    put(map, "tcp-flags", match.tcpFlags());
    put(map, "source-ports", match.sourcePorts());
    put(map, "destination-ports", match.destinationPorts());
    put(map, "ingress", match.ingress());
    final Tunnel tunnel = match.tunnel();
    if (tunnel != null) {
      final Map<String, Object> inTunnel = new LinkedHashMap<>();
      put(inTunnel, "type", tunnel.type());
      put(inTunnel, "vni", tunnel.vni());
      map.put("tunnel", inTunnel);
    }
    putMatch(map, "inner", match.inner());
    putMatch(map, "not", match.not());
    map.put("direction", match.eitherDirection() ? "either" : "forward");
    return map;
  }

  private static @Nullable Object oneOrAll(List<IpPrefix> prefixes) {
    return switch (prefixes.size()) {
      case 0 -> null;
      case 1 -> prefixes.getFirst();
      default -> prefixes.stream().map(IpPrefix::toString).toList();
    };
  }

  private static void putMatch(Map<String, Object> map, String key, @Nullable Match match) {
    if (match != null) {
      map.put(key, map(match));
    }
  }

  private static void put(Map<String, Object> map, String key, @Nullable Object value) {
    if (value != null) {
      map.put(key, value instanceof Number || value instanceof List ? value : value.toString());
    }
  }
}
