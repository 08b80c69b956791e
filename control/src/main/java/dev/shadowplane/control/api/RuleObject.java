package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.Direction;
import dev.shadowplane.control.v1.Mark;
import dev.shadowplane.control.v1.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A rule as the object that the data plane's commands carry and that people write in files. Only
 * the shape is looked at here; what a rule may say is the data plane's to judge.
 */
public final class RuleObject {
  private static final Set<String> RULE_KEYS =
      Set.of(
          "name",
          "priority",
          "match",
          "percent",
          "first-packets",
          "first-bytes",
          "every",
          "packets-per-second",
          "bits-per-second",
          "targets",
          "snap-length",
          "mark",
          "rewrite",
          "anonymise");
  private static final Set<String> MARK_KEYS = Set.of("dscp", "vlan");

  private RuleObject() {}

  /**
   * Reads a rule that a person wrote.
   *
   * @param object the object, from YAML or JSON.
   * @return the rule.
   * @throws IllegalArgumentException if a key is unknown or a value has another type; the message
   *     names it.
   */
  public static Rule read(final @Nullable Object object) {
    final Fields anonymous = new Fields("a rule", object);
    final String name = "rule '" + anonymous.text("name") + "'";
    final Fields fields = new Fields(name, object);
    fields.onlyKnow(RULE_KEYS);
    final Rule.Builder rule =
        Rule.newBuilder()
            .setName(fields.text("name"))
            .setPriority(fields.integer("priority"))
            .addAllTargets(fields.texts("targets"));
    if (fields.has("percent")) {
      rule.setPercent(fields.number("percent"));
    }
    readLimits(fields, rule);
    if (fields.has("snap-length")) {
      rule.setSnapLength(fields.integer("snap-length"));
    }
    if (fields.has("mark")) {
      rule.setMark(readMark(new Fields("the mark of " + name, fields.value("mark"))));
    }
    rule.setRewrite(fields.text("rewrite"));
    rule.setAnonymise(fields.text("anonymise"));
    if (fields.has("match")) {
      rule.setMatch(MatchObject.read("the match of " + name, fields.value("match")));
    }
    return rule.build();
  }

  private static Mark readMark(final Fields fields) {
    fields.onlyKnow(MARK_KEYS);
    final Mark.Builder mark = Mark.newBuilder();
    if (fields.has("dscp")) {
      mark.setDscp(fields.integer("dscp"));
    }
    if (fields.has("vlan")) {
      mark.setVlan(fields.integer("vlan"));
    }
    return mark.build();
  }

  /**
   * Reads a direction.
   *
   * @param text {@code either}, {@code forward}, or nothing.
   * @return the direction.
   * @throws IllegalArgumentException if it is another text.
   */
  public static Direction direction(final String text) {
    return switch (text) {
      case "" -> Direction.DIRECTION_UNSPECIFIED;
      case "either" -> Direction.DIRECTION_EITHER;
      case "forward" -> Direction.DIRECTION_FORWARD;
      default ->
          throw new IllegalArgumentException(
              "direction '" + text + "' is unknown: write either or forward");
    };
  }

  /**
   * Writes a rule.
   *
   * @param rule the rule.
   * @return the object, with the fields that are set only, in a fixed order.
   * @throws IllegalArgumentException if JSON has no form for a value.
   */
  public static Map<String, Object> write(final Rule rule) {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", rule.getName());
    object.put("priority", rule.getPriority());
    object.put("match", MatchObject.write(rule.getMatch()));
    object.put("percent", rule.hasPercent() ? number(rule.getPercent()) : 100L);
    object.put("targets", List.copyOf(rule.getTargetsList()));
    writeLimits(rule, object);
    if (rule.hasSnapLength()) {
      object.put("snap-length", rule.getSnapLength());
    }
    if (rule.hasMark()) {
      object.put("mark", writeMark(rule.getMark()));
    }
    if (!rule.getRewrite().isEmpty()) {
      object.put("rewrite", rule.getRewrite());
    }
    if (!rule.getAnonymise().isEmpty()) {
      object.put("anonymise", rule.getAnonymise());
    }
    return object;
  }

  private static void readLimits(final Fields fields, final Rule.Builder rule) {
    if (fields.has("first-packets")) {
      rule.setFirstPackets(fields.whole("first-packets"));
    }
    if (fields.has("first-bytes")) {
      rule.setFirstBytes(fields.whole("first-bytes"));
    }
    if (fields.has("every")) {
      rule.setEvery(fields.integer("every"));
    }
    if (fields.has("packets-per-second")) {
      rule.setPacketsPerSecond(fields.whole("packets-per-second"));
    }
    if (fields.has("bits-per-second")) {
      rule.setBitsPerSecond(fields.whole("bits-per-second"));
    }
  }

  private static void writeLimits(final Rule rule, final Map<String, Object> object) {
    if (rule.hasFirstPackets()) {
      object.put("first-packets", rule.getFirstPackets());
    }
    if (rule.hasFirstBytes()) {
      object.put("first-bytes", rule.getFirstBytes());
    }
    if (rule.hasEvery()) {
      object.put("every", rule.getEvery());
    }
    if (rule.hasPacketsPerSecond()) {
      object.put("packets-per-second", rule.getPacketsPerSecond());
    }
    if (rule.hasBitsPerSecond()) {
      object.put("bits-per-second", rule.getBitsPerSecond());
    }
  }

  private static Map<String, Object> writeMark(final Mark mark) {
    final Map<String, Object> object = new LinkedHashMap<>();
    if (mark.hasDscp()) {
      object.put("dscp", mark.getDscp());
    }
    if (mark.hasVlan()) {
      object.put("vlan", mark.getVlan());
    }
    return object;
  }

  /** A whole number as such: "10", not "10.0". */
  private static Object number(final double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("percent is " + value + ": write a number from 0 to 100");
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15 ? (Object) (long) value : value;
  }
}
