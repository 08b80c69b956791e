package dev.shadowplane.dataplane.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads anonymisations: the list in the data plane's configuration, or one alone for an export. */
public final class AnonymisationReader {
  private AnonymisationReader() {}

  /**
   * Reads one.
   *
   * @param entry its mapping
   * @return what it says, checked; the key is read by whoever uses it
   * @throws ConfigException naming source, line, value, limit and remedy
   */
  public static Anonymisation read(YamlReader entry) {
    final String name = entry.text("name");
    if (!RuleReader.NAME.matcher(name).matches()) {
      throw entry.refuse("name", name, RuleReader.NAME_REMEDY);
    }
    final Anonymisation anonymisation =
        new Anonymisation(
            name,
            entry
                .optional("key-file", Path::of)
                .orElseThrow(() -> entry.refuse("key-file", "is missing: add it")),
            entry.bool("addresses", true),
            keep(entry),
            word(entry, "macs", Anonymisation.Macs.values(), Anonymisation.Macs.HASH),
            word(entry, "payload", Anonymisation.Payload.values(), Anonymisation.Payload.BLANK));
    entry.done();
    return anonymisation;
  }

  /**
   * Reads the list under {@code anonymisations}.
   *
   * @param root the mapping that holds it
   * @return each, names unique; empty when absent
   * @throws ConfigException naming source, line, value, limit and remedy
   */
  public static List<Anonymisation> anonymisations(YamlReader root) {
    final Set<String> names = new HashSet<>();
    final List<Anonymisation> anonymisations = new ArrayList<>();
    for (YamlReader entry : root.mappings("anonymisations")) {
      final Anonymisation anonymisation = read(entry);
      if (!names.add(anonymisation.name())) {
        throw entry.refuse("name", anonymisation.name() + " names two: rename one");
      }
      anonymisations.add(anonymisation);
    }
    if (anonymisations.size() > Anonymisation.MAX_SETS) {
      throw root.refuse("anonymisations", "at most " + Anonymisation.MAX_SETS + " are allowed");
    }
    return anonymisations;
  }

  private static List<IpPrefix> keep(YamlReader entry) {
    if (!entry.has("keep")) {
      return Anonymisation.KEEP_MULTICAST;
    }
    final List<IpPrefix> keep = new ArrayList<>();
    for (String text : entry.texts("keep")) {
      try {
        keep.add(IpPrefix.of(text));
      } catch (IllegalArgumentException e) {
        throw entry.refuse("keep", text, String.valueOf(e.getMessage()));
      }
    }
    if (keep.size() > Anonymisation.MAX_KEEP) {
      throw entry.refuse("keep", "at most " + Anonymisation.MAX_KEEP + " are allowed");
    }
    return keep;
  }

  private static <T extends Enum<T>> T word(YamlReader entry, String key, T[] words, T absent) {
    return entry
        .optional(
            key,
            text ->
                Stream.of(words)
                    .filter(word -> word.toString().equals(text))
                    .findFirst()
                    .orElseThrow(() ->
                        new IllegalArgumentException(
                            "give "
                                + Stream.of(words)
                                    .map(Enum::toString)
                                    .collect(Collectors.joining(", "))
                                    .replaceFirst(", ([^,]*)$", " or $1"))))
        .orElse(absent);
  }
}
