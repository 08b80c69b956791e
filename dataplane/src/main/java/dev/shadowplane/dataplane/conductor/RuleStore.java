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
      throw new ConfigException(e.getMessage() + " (persisted rules: mend or remove this file)");
    }
  }

  /** Saves a set; when it throws, the one before is still there. */
  void save(RuleSet rules) throws IOException {
    AtomicFile.write(file, RuleWriter.write(rules) + "\n");
  }
}
