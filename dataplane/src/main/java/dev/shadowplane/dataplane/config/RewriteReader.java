package dev.shadowplane.dataplane.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Reads maps from production to shadow. */
public final class RewriteReader {
  private static final int MAX_ENTRIES = 65_536;

  private RewriteReader() {}

  /** The list under {@code rewrites}. */
  static List<RewriteConfig> rewrites(YamlReader root) {
    final Set<String> names = new HashSet<>();
    final List<RewriteConfig> rewrites = new ArrayList<>();
    for (YamlReader entry : root.mappings("rewrites")) {
      final String name = entry.text("name");
      if (!RuleReader.NAME.matcher(name).matches()) {
        throw entry.refuse("name", name, RuleReader.NAME_REMEDY);
      }
      if (!names.add(name)) {
        throw entry.refuse("name", name + " names two rewrites: rename one");
      }
      rewrites.add(rewrite(name, entry));
    }
    return rewrites;
  }

  /**
   * Reads one map.
   *
   * @param name of the map
   * @param entry a mapping with {@code macs}, {@code vlans} and {@code addresses}
   * @return the map
   * @throws ConfigException naming what is wrong
   */
  public static RewriteConfig rewrite(String name, YamlReader entry) {
    final RewriteConfig rewrite =
        new RewriteConfig(
            name,
            pairs(entry, "macs", MacAddress::of),
            pairs(entry, "vlans", text -> YamlReader.wholeNumber(text, 0, 4_094)),
            addresses(entry));
    entry.done();
    return rewrite;
  }

  private static Map<IpPrefix, IpPrefix> addresses(YamlReader entry) {
    final Map<IpPrefix, IpPrefix> addresses = pairs(entry, "addresses", IpPrefix::of);
    addresses.forEach((from, to) -> {
      if (from.isIpv6() != to.isIpv6() || from.length() != to.length()) {
        throw entry.refuse(
            "addresses",
            from + ": " + to,
            "differ in IP version or length: give two prefixes of the same");
      }
    });
    return addresses;
  }

  private static <T> Map<T, T> pairs(YamlReader entry, String key, Function<String, T> parse) {
    final Map<T, T> pairs = new LinkedHashMap<>();
    entry
        .mapping(key)
        .ifPresent(mapping -> {
          for (String production : mapping.keys()) {
            final T from;
            try {
              from = parse.apply(production);
            } catch (IllegalArgumentException e) {
              throw mapping.refuse(production, String.valueOf(e.getMessage()));
            }
            final T to =
                mapping
                    .optional(production, parse)
                    .orElseThrow(() -> mapping.refuse(production, "is missing: add it"));
            if (pairs.put(from, to) != null) {
              throw mapping.refuse(production, "is there twice: keep one");
            }
          }
          if (pairs.size() > MAX_ENTRIES) {
            throw entry.refuse(key, "at most " + MAX_ENTRIES + " are allowed");
          }
        });
    return pairs;
  }
}
