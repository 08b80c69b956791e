package dev.shadowplane.dataplane.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads rules from YAML or JSON: configuration files, persisted sets, commands. */
public final class RuleReader {
  /** The most rules a set may hold. */
  public static final int MAX_RULES = 10_000;

  /** The most targets a rule may have. */
  public static final int MAX_TARGETS = 16;

  /** What names of rules and ports look like: they become parts of counters' labels. */
  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");

  /** What to do about another name. */
  public static final String NAME_REMEDY =
      "use up to 63 letters, digits, - and _, the first a letter or digit";

  private RuleReader() {}

  /**
   * Reads a whole set, as {@link RuleWriter} writes it.
   *
   * @param reader the mapping with {@code version} and {@code rules}
   * @return the set
   * @throws ConfigException naming rule, field and reason
   */
  public static RuleSet ruleSet(YamlReader reader) {
    final long version =
        reader
            .optional("version", RuleReader::version)
            .orElseThrow(() -> reader.refuse("version", "is missing: add it"));
    final List<Rule> rules = rules(reader);
    reader.done();
    return new RuleSet(version, rules);
  }

  /**
   * Reads the version of a set.
   *
   * @param text a number
   * @return from 0 on
   * @throws IllegalArgumentException when it is none
   */
  public static long version(String text) {
    try {
      final long version = Long.parseLong(text);
      if (version >= 0) {
        return version;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("give a whole number from 0 on", e);
    }
    throw new IllegalArgumentException("give a whole number from 0 on");
  }

  /**
   * Reads the list under {@code rules}.
   *
   * @param reader the mapping that holds it
   * @return the rules, names unique
   * @throws ConfigException naming rule, field and reason
   */
  public static List<Rule> rules(YamlReader reader) {
    final List<Rule> rules = new ArrayList<>();
    final Set<String> names = new HashSet<>();
    for (YamlReader entry : reader.mappings("rules")) {
      final Rule rule = rule(entry);
      if (!names.add(rule.name())) {
        throw entry.refuse("name", rule.name() + " names two rules: rename one");
      }
      rules.add(rule);
    }
    if (rules.size() > MAX_RULES) {
      throw reader.refuse("rules", rules.size() + " rules: at most " + MAX_RULES + " are allowed");
    }
    return rules;
  }

  /**
   * Reads one rule.
   *
   * @param reader its mapping
   * @return the rule
   * @throws ConfigException naming field and reason
   */
  public static Rule rule(YamlReader reader) {
    final String name = reader.text("name");
    if (!NAME.matcher(name).matches()) {
      throw reader.refuse("name", name, NAME_REMEDY);
    }
    final int priority = reader.integer("priority", 0, -1_000_000, 1_000_000);
    final Match match = reader.mapping("match").map(MatchReader::read).orElse(Match.ALL);
    final double percent = reader.decimal("percent", 100, 0, 100);
    final List<RuleTarget> targets = new ArrayList<>();
    for (String text : reader.texts("targets")) {
      try {
        final RuleTarget target = RuleTarget.of(text);
        if (targets.contains(target)) {
          throw new IllegalArgumentException("is there twice: keep one");
        }
        targets.add(target);
      } catch (IllegalArgumentException e) {
        throw reader.refuse("targets", text, String.valueOf(e.getMessage()));
      }
    }
    if (targets.size() > MAX_TARGETS) {
      throw reader.refuse("targets", "at most " + MAX_TARGETS + " are allowed");
    }
    final CopyChange change = CopyChange.read(reader);
    final Limits limits = Limits.read(reader);
    final @Nullable String anonymise = reader.optionalText("anonymise").orElse(null);
    reader.done();
    return new Rule(name, priority, match, percent, targets, change, limits, anonymise);
  }
}
