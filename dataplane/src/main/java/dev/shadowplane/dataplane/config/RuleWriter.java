package dev.shadowplane.dataplane.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    return map;
  }
}
