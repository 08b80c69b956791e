package dev.shadowplane.dataplane.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes rules as JSON, in the form that {@link RuleReader} reads. */
public final class RuleWriter {
  private RuleWriter() {}

  /**
   * Writes a set.
   *
   * @param set what
   * @return one line
   */
  public static String write(RuleSet set) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", set.version());
    map.put("rules", set.rules().stream().map(RuleWriter::map).toList());
    return Json.write(map);
  }

  /**
   * Writes a rule.
   *
   * @param rule what
   * @return one line
   */
  public static String write(Rule rule) {
    return Json.write(map(rule));
  }

  private static Map<String, Object> map(Rule rule) {
    final Map<String, Object> match = new LinkedHashMap<>();
    put(match, "source-mac", rule.match().sourceMac());
    put(match, "destination-mac", rule.match().destinationMac());
    put(match, "vlan", rule.match().vlan());
    put(match, "source", rule.match().source());
    put(match, "destination", rule.match().destination());
    final Integer protocol = rule.match().protocol();
    put(match, "protocol", protocol == null ? null : RuleReader.protocolName(protocol));
    put(match, "source-ports", rule.match().sourcePorts());
    put(match, "destination-ports", rule.match().destinationPorts());
    put(match, "ingress", rule.match().ingress());
    match.put("direction", rule.match().eitherDirection() ? "either" : "forward");
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", rule.name());
    map.put("priority", rule.priority());
    map.put("match", match);
    map.put("percent", rule.percent());
    map.put("targets", rule.targets().stream().map(Object::toString).toList());
    change(rule.change(), map);
    limits(rule.limits(), map);
    return map;
  }

  private static void limits(Limits limits, Map<String, Object> map) {
    putLimit(map, "first-packets", limits.firstPackets());
    putLimit(map, "first-bytes", limits.firstBytes());
    putLimit(map, "every", limits.every() == 1 ? 0 : limits.every());
    putLimit(map, "packets-per-second", limits.packetsPerSecond());
    putLimit(map, "bits-per-second", limits.bitsPerSecond());
  }

  private static void putLimit(Map<String, Object> map, String key, long limit) {
    if (limit > 0) {
      map.put(key, limit);
    }
  }

  private static void change(CopyChange change, Map<String, Object> map) {
    put(map, "snap-length", change.snapLength());
    final Map<String, Object> mark = new LinkedHashMap<>();
    put(mark, "dscp", change.markDscp());
    put(mark, "vlan", change.markVlan());
    if (!mark.isEmpty()) {
      map.put("mark", mark);
    }
    put(map, "rewrite", change.rewrite());
  }

  private static void put(Map<String, Object> map, String key, @Nullable Object value) {
    if (value != null) {
      map.put(key, value instanceof Number ? value : value.toString());
    }
  }
}
