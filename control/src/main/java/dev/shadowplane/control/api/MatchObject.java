package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.Match;
import dev.shadowplane.control.v1.Tunnel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Selectors as the object that the data plane's commands carry and that people write in files. */
public final class MatchObject {
  private static final Set<String> KEYS =
      Set.of(
          "macs",
          "source-mac",
          "destination-mac",
          "vlan",
          "inner-vlan",
          "hosts",
          "source",
          "destination",
          "protocol",
          "dscp",
          "tcp-flags",
          "source-ports",
          "destination-ports",
          "ingress",
          "direction",
          "tunnel",
          "inner",
          "filter",
          "not");

  private MatchObject() {}

  /**
   * Reads selectors that a person wrote.
   *
   * @param name what messages call them.
   * @param object the object, from YAML or JSON.
   * @return the selectors.
   * @throws IllegalArgumentException if a key is unknown or a value has another type; the message
   *     names it.
   */
  public static Match read(final String name, final @Nullable Object object) {
    final Fields fields = new Fields(name, object);
    fields.onlyKnow(KEYS);
    final List<String> sources = fields.texts("source");
    final List<String> destinations = fields.texts("destination");
    final Match.Builder match =
        Match.newBuilder()
            .addAllMacs(fields.texts("macs"))
            .setSourceMac(fields.text("source-mac"))
            .setDestinationMac(fields.text("destination-mac"))
            .addAllHosts(fields.texts("hosts"))
            .setSource(sources.isEmpty() ? "" : sources.getFirst())
            .addAllSources(sources.stream().skip(1).toList())
            .setDestination(destinations.isEmpty() ? "" : destinations.getFirst())
            .addAllDestinations(destinations.stream().skip(1).toList())
            .setProtocol(fields.text("protocol"))
            .setTcpFlags(fields.text("tcp-flags"))
            .setSourcePorts(String.join(",", fields.texts("source-ports")))
            .setDestinationPorts(String.join(",", fields.texts("destination-ports")))
            .setIngress(fields.text("ingress"))
            .setDirection(RuleObject.direction(fields.text("direction")))
            .setFilter(fields.text("filter"));
    if (fields.has("vlan")) {
      match.setVlan(fields.integer("vlan"));
    }
    if (fields.has("inner-vlan")) {
      match.setInnerVlan(fields.integer("inner-vlan"));
    }
    if (fields.has("dscp")) {
      match.setDscp(fields.integer("dscp"));
    }
    if (fields.has("tunnel")) {
      match.setTunnel(readTunnel(new Fields("the tunnel of " + name, fields.value("tunnel"))));
    }
    if (fields.has("inner")) {
      match.setInner(read("inner in " + name, fields.value("inner")));
    }
    if (fields.has("not")) {
      match.setNot(read("not in " + name, fields.value("not")));
    }
    return match.build();
  }

  private static Tunnel readTunnel(final Fields fields) {
    fields.onlyKnow(Set.of("type", "vni"));
    final Tunnel.Builder tunnel = Tunnel.newBuilder().setType(fields.text("type"));
    if (fields.has("vni")) {
      tunnel.setVni(fields.integer("vni"));
    }
    return tunnel.build();
  }

  /**
   * Writes selectors.
   *
   * @param match the selectors.
   * @return the object, with the fields that are set only, in a fixed order.
   * @throws IllegalArgumentException if JSON has no form for a value.
   */
  static Map<String, Object> write(final Match match) {
    final Map<String, Object> object = new LinkedHashMap<>();
    put(object, "filter", match.getFilter());
    if (match.getMacsCount() > 0) {
      object.put("macs", List.copyOf(match.getMacsList()));
    }
    put(object, "source-mac", match.getSourceMac());
    put(object, "destination-mac", match.getDestinationMac());
    if (match.hasVlan()) {
      object.put("vlan", match.getVlan());
    }
    if (match.hasInnerVlan()) {
      object.put("inner-vlan", match.getInnerVlan());
    }
    if (match.getHostsCount() > 0) {
      object.put("hosts", List.copyOf(match.getHostsList()));
    }
    put(object, "source", match.getSource(), match.getSourcesList());
    put(object, "destination", match.getDestination(), match.getDestinationsList());
    put(object, "protocol", match.getProtocol());
    if (match.hasDscp()) {
      object.put("dscp", match.getDscp());
    }
    put(object, "tcp-flags", match.getTcpFlags());
    put(object, "source-ports", match.getSourcePorts());
    put(object, "destination-ports", match.getDestinationPorts());
    put(object, "ingress", match.getIngress());
    if (match.hasTunnel()) {
      final Map<String, Object> tunnel = new LinkedHashMap<>();
      put(tunnel, "type", match.getTunnel().getType());
      if (match.getTunnel().hasVni()) {
        tunnel.put("vni", match.getTunnel().getVni());
      }
      object.put("tunnel", tunnel);
    }
    if (match.hasInner()) {
      object.put("inner", write(match.getInner()));
    }
    if (match.hasNot()) {
      object.put("not", write(match.getNot()));
    }
    switch (match.getDirection()) {
      case DIRECTION_EITHER -> object.put("direction", "either");
      case DIRECTION_FORWARD -> object.put("direction", "forward");
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "direction " + match.getDirectionValue() + " is unknown: write either or forward");
      default -> {}
    }
    return object;
  }

  private static void put(final Map<String, Object> object, final String key, final String value) {
    if (!value.isEmpty()) {
      object.put(key, value);
    }
  }

  /** One text as such, several as a list. */
  private static void put(
      final Map<String, Object> object,
      final String key,
      final String first,
      final List<String> others) {
    if (others.isEmpty()) {
      put(object, key, first);
      return;
    }
    final List<String> all = new ArrayList<>(others);
    if (!first.isEmpty()) {
      all.addFirst(first);
    }
    object.put(key, all);
  }
}
