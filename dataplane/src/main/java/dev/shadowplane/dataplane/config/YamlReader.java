package dev.shadowplane.dataplane.config;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads one mapping of a YAML or JSON document strictly: every key is asked for by name and type,
 * and {@link #done} refuses what nobody asked for. Every error names the source, the line and the
 * key.
 */
public final class YamlReader {
  /** The largest document read, in characters. */
  public static final int MAX_CHARACTERS = 16 << 20;

  private static final int SHOWN_CHARACTERS = 80;

  private final String source;
  private final String path;
  private final Node node;
  private final Map<String, Node> entries = new LinkedHashMap<>();
  private final Set<String> asked = new LinkedHashSet<>();

  private YamlReader(String source, String path, Node node) {
    this.source = source;
    this.path = path;
    this.node = node;
    if (!(node instanceof MappingNode mapping)) {
      throw error(node, path, "is not a mapping: write it as key: value lines");
    }
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw error(tuple.getKeyNode(), path, "has a key that is not a plain word");
      }
      if (entries.put(key.getValue(), tuple.getValueNode()) != null) {
        throw error(key, name(key.getValue()), "is there twice: keep one");
      }
    }
  }

  /**
   * Reads a file.
   *
   * @param file a YAML or JSON file whose root is a mapping
   * @return its root
   * @throws ConfigException when it cannot be read or is not such a file
   */
  public static YamlReader of(Path file) {
    try {
      if (Files.size(file) > MAX_CHARACTERS) {
        throw new ConfigException(file + ": is larger than " + MAX_CHARACTERS + " bytes: split it");
      }
      return of(file.toString(), Files.readString(file));
    } catch (MalformedInputException e) {
      throw new ConfigException(file + ": is not UTF-8 text: convert it");
    } catch (IOException e) {
      throw new ConfigException(
          file
              + ": cannot be read: "
              + (!Files.exists(file)
                  ? "there is no such file"
                  : Files.isRegularFile(file) ? "check its permissions" : "it is not a file"));
    }
  }

  /**
   * Reads a text.
   *
   * @param source what errors call it
   * @param text a document whose root is a mapping
   * @return its root
   * @throws ConfigException when it is not such a document
   */
  public static YamlReader of(String source, String text) {
    final LoadSettings settings =
        LoadSettings.builder()
            .setLabel(source)
            .setCodePointLimit(MAX_CHARACTERS)
            .setAllowDuplicateKeys(true)
            .build();
    final Optional<Node> root;
    try {
      root = new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      final String line = e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
      throw new ConfigException(source + line + ": is not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new ConfigException(source + ": is not YAML: " + e.getMessage());
    } catch (StackOverflowError e) {
      // The library descends without a limit; nothing but its own state is lost.
      throw new ConfigException(source + ": is not YAML: it is nested too deeply: flatten it");
    }
    return new YamlReader(
        source,
        "",
        root.orElseThrow(() -> new ConfigException(source + ": is empty: write at least one key")));
  }

  /**
   * Whether a key has a text, a number or the like.
   *
   * @param key its key
   * @return false for a mapping or a list, and when absent
   */
  boolean isText(String key) {
    return take(key) instanceof ScalarNode;
  }

  /**
   * Whether a key is there, whatever its value.
   *
   * @param key its key
   * @return true also for an empty value
   */
  public boolean has(String key) {
    return take(key) != null;
  }

  /**
   * A text that must be there.
   *
   * @param key its key
   * @return the value, not blank
   */
  public String text(String key) {
    return optionalText(key).orElseThrow(() -> missing(key));
  }

  /**
   * A text that may be absent.
   *
   * @param key its key
   * @return the value, not blank
   */
  public Optional<String> optionalText(String key) {
    final @Nullable Node value = take(key);
    if (value == null) {
      return Optional.empty();
    }
    final String text = scalar(key, value);
    if (text.isBlank()) {
      throw error(value, name(key), "is blank: give it a value or leave it out");
    }
    return Optional.of(text);
  }

  /**
   * A text turned into something else.
   *
   * @param key its key
   * @param parse throws IllegalArgumentException with what is wrong and what is right
   * @param <T> what it becomes
   * @return the value, if there is one
   */
  public <T> Optional<T> optional(String key, Function<String, T> parse) {
    return optionalText(key)
        .map(text -> {
          try {
            return parse.apply(text);
          } catch (IllegalArgumentException e) {
            final String problem = String.valueOf(e.getMessage());
            // A key is a secret.
            throw key.endsWith("-key") ? refuse(key, problem) : refuse(key, text, problem);
          }
        });
  }

  /**
   * A whole number.
   *
   * @param key its key
   * @param defaultValue when absent
   * @param min least allowed
   * @param max most allowed
   * @return the value
   */
  public int integer(String key, int defaultValue, int min, int max) {
    return optional(key, text -> wholeNumber(text, min, max)).orElse(defaultValue);
  }

  /**
   * Reads a whole number out of a text.
   *
   * @param text the text
   * @param min least allowed
   * @param max most allowed
   * @return the number
   * @throws IllegalArgumentException when it is none, or not within the limits
   */
  public static int wholeNumber(String text, int min, int max) {
    return (int) wholeNumber(text, (long) min, (long) max);
  }

  /**
   * Reads a whole number out of a text, as above, where 32 bits do not hold it.
   *
   * @param text the text
   * @param min least allowed
   * @param max most allowed
   * @return the number
   * @throws IllegalArgumentException when it is none, or not within the limits
   */
  public static long wholeNumber(String text, long min, long max) {
    try {
      final long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("give a whole number from " + min + " to " + max, e);
    }
    throw new IllegalArgumentException("give a whole number from " + min + " to " + max);
  }

  /**
   * A number with decimals.
   *
   * @param key its key
   * @param defaultValue when absent
   * @param min least allowed
   * @param max most allowed
   * @return the value
   */
  public double decimal(String key, double defaultValue, double min, double max) {
    return optional(
            key,
            text -> {
              final String remedy =
                  "give a number from "
                      + BigDecimal.valueOf(min).stripTrailingZeros().toPlainString()
                      + " to "
                      + BigDecimal.valueOf(max).stripTrailingZeros().toPlainString();
              try {
                final double value = Double.parseDouble(text);
                if (value >= min && value <= max) {
                  return value;
                }
              } catch (NumberFormatException e) {
                throw new IllegalArgumentException(remedy, e);
              }
              throw new IllegalArgumentException(remedy);
            })
        .orElse(defaultValue);
  }

  /**
   * Yes or no.
   *
   * @param key its key
   * @param defaultValue when absent
   * @return the value
   */
  public boolean bool(String key, boolean defaultValue) {
    return optional(
            key,
            text ->
                switch (text) {
                  case "true" -> true;
                  case "false" -> false;
                  default -> throw new IllegalArgumentException("give true or false");
                })
        .orElse(defaultValue);
  }

  /**
   * A mapping within this one.
   *
   * @param key its key
   * @return a reader of it, if it is there
   */
  public Optional<YamlReader> mapping(String key) {
    final @Nullable Node value = take(key);
    return value == null ? Optional.empty() : Optional.of(new YamlReader(source, name(key), value));
  }

  /**
   * A list of mappings.
   *
   * @param key its key
   * @return a reader of each; empty when absent
   */
  public List<YamlReader> mappings(String key) {
    final List<YamlReader> readers = new ArrayList<>();
    for (Node item : items(key, take(key))) {
      readers.add(new YamlReader(source, name(key) + "[" + readers.size() + "]", item));
    }
    return readers;
  }

  /**
   * A list of mappings, or one mapping in the place of a list of one.
   *
   * @param key its key
   * @return a reader of each; empty when absent
   */
  public List<YamlReader> mappingOrMappings(String key) {
    return entries.get(key) instanceof SequenceNode
        ? mappings(key)
        : mapping(key).stream().toList();
  }

  /**
   * A list of texts.
   *
   * @param key its key
   * @return each; empty when absent
   */
  public List<String> texts(String key) {
    return items(key, take(key)).stream().map(item -> scalar(key, item)).toList();
  }

  /**
   * A list of texts, or one text in the place of a list of one.
   *
   * @param key its key
   * @return each, not blank; empty when absent
   */
  public List<String> textOrTexts(String key) {
    return entries.get(key) instanceof ScalarNode
        ? optionalText(key).stream().toList()
        : texts(key);
  }

  /**
   * A list of lists of texts.
   *
   * @param key its key
   * @return each; empty when absent
   */
  public List<List<String>> textLists(String key) {
    return items(key, take(key)).stream()
        .map(item -> items(key, item).stream().map(inner -> scalar(key, inner)).toList())
        .toList();
  }

  /**
   * The keys of a mapping whose keys are values.
   *
   * @return in their order; all count as asked for
   */
  public Set<String> keys() {
    asked.addAll(entries.keySet());
    return entries.keySet();
  }

  /** Refuses every key that was not asked for, naming those that could be. */
  public void done() {
    for (Map.Entry<String, Node> entry : entries.entrySet()) {
      if (!asked.contains(entry.getKey())) {
        throw error(
            entry.getValue(),
            name(entry.getKey()),
            "is not a key here: use one of " + String.join(", ", asked));
      }
    }
  }

  /**
   * An error about the value of a key, to be thrown.
   *
   * @param key its key
   * @param problem what is wrong, the limit, the remedy
   * @return the exception, naming source and line
   */
  public ConfigException refuse(String key, String problem) {
    return error(entries.getOrDefault(key, node), name(key), problem);
  }

  /**
   * An error about the value of a key, to be thrown.
   *
   * @param key its key
   * @param value what is wrong; cut when it is long
   * @param problem the limit, the remedy
   * @return the exception, naming source and line
   */
  public ConfigException refuse(String key, String value, String problem) {
    return refuse(key, shown(value) + ": " + problem);
  }

  private static String shown(String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
  }

  private ConfigException missing(String key) {
    return error(node, name(key), "is missing: add it");
  }

  private @Nullable Node take(String key) {
    asked.add(key);
    return entries.get(key);
  }

  private List<Node> items(String key, @Nullable Node value) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    throw error(
        value, name(key), "is not a list: write it as [a, b] or as lines that begin with -");
  }

  private String scalar(String key, Node value) {
    if (value instanceof ScalarNode scalar) {
      return scalar.getValue().strip();
    }
    throw error(value, name(key), "is not a single value");
  }

  private String name(String key) {
    return path.isEmpty() ? shown(key) : path + "." + shown(key);
  }

  private ConfigException error(Node at, String what, String problem) {
    final String line = at.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
    return new ConfigException(
        source + line + ": " + (what.isEmpty() ? "" : what + ": ") + problem);
  }
}
