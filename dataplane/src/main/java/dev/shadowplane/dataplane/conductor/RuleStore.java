package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleSet;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The rule set on disk: it outlives the data plane. One thread. */
final class RuleStore {
  private static final String REMEDY = " (persisted rules: mend or remove this file)";

  private final Path file;

  RuleStore(Path stateDirectory) {
    file = stateDirectory.resolve("rules.json");
  }

  /** The set that was saved last, if any was. */
  Optional<RuleSet> load() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(RuleReader.ruleSet(YamlReader.of(file)));
    } catch (ConfigException e) {
      throw new ConfigException(e.getMessage() + REMEDY);
    }
  }

  /** Says of rules that were read and cannot be used where they come from. */
  ConfigException refuse(ConfigException cause) {
    return new ConfigException(file + ": " + cause.getMessage() + REMEDY);
  }

  /** Saves a set; when it throws, the one before is still there. */
  void save(RuleSet rules) throws IOException {
    final String text = RuleWriter.write(rules) + "\n";
    if (text.length() > YamlReader.MAX_CHARACTERS) {
      throw new ConfigException(
          "the rules take "
              + text.length()
              + " characters, and "
              + YamlReader.MAX_CHARACTERS
              + " can be read again: use fewer or shorter ones");
    }
    AtomicFile.write(file, text);
  }
}
