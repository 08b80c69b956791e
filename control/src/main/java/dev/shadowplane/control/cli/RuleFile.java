package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.MatchObject;
import dev.shadowplane.control.api.RuleObject;
import dev.shadowplane.control.v1.Match;
import dev.shadowplane.control.v1.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Rules that a person wrote down: YAML, of which JSON is a part. */
final class RuleFile {
  private static final int MAX_BYTES = 16 << 20;

  private RuleFile() {}

  /** One rule, or those under the key {@code rules}. */
  static List<Rule> read(final Path file) throws CommandFailure {
    final Object content = load(file);
    try {
      if (content instanceof Map<?, ?> map && map.get("rules") instanceof List<?> rules) {
        return rules.stream().map(RuleObject::read).toList();
      }
      return List.of(RuleObject.read(content));
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input(file + ": " + e.getMessage());
    }
  }

  /** Selectors as they stand under {@code match} of a rule; the name is of what holds them. */
  static Match match(final String name, final String text) throws CommandFailure {
    try {
      return MatchObject.read(name, parse(name, text));
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
  }

  private static Object load(final Path file) throws CommandFailure {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw CommandFailure.input(
            file + " has more than " + MAX_BYTES + " bytes: split it into several");
      }
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw CommandFailure.input(
          file + " cannot be read (" + e + "): name a readable file of YAML or JSON in UTF-8");
    }
  }

  /** Reads a text as YAML or JSON; the name is of what holds it. */
  static Object parse(final String name, final String text) throws CommandFailure {
    try {
      final Object content =
          new Load(LoadSettings.builder().setLabel(name).setCodePointLimit(MAX_BYTES).build())
              .loadFromString(text);
      return content == null ? Map.of() : content;
    } catch (MarkedYamlEngineException e) {
      final String line = e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
      throw CommandFailure.input(
          name + line + ": this is neither YAML nor JSON: " + e.getProblem() + "; correct it");
    } catch (YamlEngineException e) {
      throw CommandFailure.input(name + " cannot be read (" + e + "): write YAML or JSON in UTF-8");
    }
  }
}
