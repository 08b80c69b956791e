package dev.shadowplane.dataplane.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");

  static final String NAME_REMEDY =
      "use up to 63 letters, digits, - and _, the first a letter or digit";

  private static final Map<String, Integer> PROTOCOLS =
      Map.of("icmp", 1, "tcp", 6, "udp", 17, "gre", 47, "esp", 50, "icmpv6", 58, "sctp", 132);

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
    final Match match = reader.mapping("match").map(RuleReader::match).orElse(Match.ALL);
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
    reader.done();
    return new Rule(name, priority, match, percent, targets, change, limits);
  }

  private static Match match(YamlReader reader) {
    final List<String> macs = reader.texts("macs");
    @Nullable MacAddress sourceMac = nullable(reader, "source-mac");
    @Nullable MacAddress destinationMac = nullable(reader, "destination-mac");
    if (!macs.isEmpty()) {
      if (macs.size() != 2 || sourceMac != null || destinationMac != null) {
        throw reader.refuse(
            "macs", "give two addresses, and neither source-mac nor destination-mac beside them");
      }
      try {
        sourceMac = MacAddress.of(macs.get(0));
        destinationMac = MacAddress.of(macs.get(1));
      } catch (IllegalArgumentException e) {
        throw reader.refuse("macs", String.valueOf(e.getMessage()));
      }
    }
    final IpPrefix source = reader.optional("source", IpPrefix::of).orElse(null);
    final IpPrefix destination = reader.optional("destination", IpPrefix::of).orElse(null);
    if (source != null && destination != null && source.isIpv6() != destination.isIpv6()) {
      throw reader.refuse(
          "destination", "source and destination are of different IP versions: use two rules");
    }
    final Integer vlan =
        reader.optional("vlan", text -> YamlReader.wholeNumber(text, 1, 4094)).orElse(null);
    final Integer protocol = reader.optional("protocol", RuleReader::protocol).orElse(null);
    final PortRanges sourcePorts = reader.optional("source-ports", PortRanges::of).orElse(null);
    final PortRanges destinationPorts =
        reader.optional("destination-ports", PortRanges::of).orElse(null);
    if ((sourcePorts != null || destinationPorts != null)
        && protocol != null
        && protocol != 6
        && protocol != 17) {
      throw reader.refuse("protocol", "ports are read of tcp and udp only: leave one of them out");
    }
    final Match match =
        new Match(
            sourceMac,
            destinationMac,
            vlan,
            source,
            destination,
            protocol,
            sourcePorts,
            destinationPorts,
            reader.optionalText("ingress").orElse(null),
            reader
                .optional(
                    "direction",
                    text ->
                        switch (text) {
                          case "either" -> true;
                          case "forward" -> false;
                          default -> throw new IllegalArgumentException("give either or forward");
                        })
                .orElse(true));
    reader.done();
    return match;
  }

  private static @Nullable MacAddress nullable(YamlReader reader, String key) {
    return reader.optional(key, MacAddress::of).orElse(null);
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
   * The name of a protocol, where it has one that {@link #rule} reads.
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
