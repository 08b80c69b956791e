package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.Direction;
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
      Set.of("name", "priority", "match", "percent", "targets");

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
    if (fields.has("match")) {
      rule.setMatch(MatchObject.read("the match of " + name, fields.value("match")));
    }
    return rule.build();
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
