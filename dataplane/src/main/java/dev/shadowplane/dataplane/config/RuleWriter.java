package dev.shadowplane.dataplane.config;

import java.util.LinkedHashMap;
import java.util.List;
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
    return write(set, List.of());
  }

  /**
   * Writes a set with what is to be said about it; {@link RuleReader} does not read that.
   *
   * @param set what
   * @param warnings a line each
   * @return one line
   */
  public static String write(RuleSet set, List<String> warnings) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", set.version());
    map.put("rules", set.rules().stream().map(RuleWriter::map).toList());
    if (!warnings.isEmpty()) {
      map.put("warnings", warnings);
    }
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
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", rule.name());
    map.put("priority", rule.priority());
    map.put("match", MatchWriter.map(rule.match()));
    map.put("percent", rule.percent());
    map.put("targets", rule.targets().stream().map(Object::toString).toList());
    change(rule.change(), map);
    limits(rule.limits(), map);
    put(map, "anonymise", rule.anonymise());
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
