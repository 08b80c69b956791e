package dev.shadowplane.control.template;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The text of a template as a tree that remembers its lines. */
final class TemplateDocument {
  /**
   * The most keys and values, and the most values when aliases are resolved; one takes some 300
   * bytes while a template is read.
   */
  static final int MAX_VALUES = 300_000;

  private static final int MAX_DEPTH = 32;
  private static final int MAX_DIGITS = 18;

  private final String source;
  private final @Nullable Node root;
  private int values;

  private TemplateDocument(final String source, final @Nullable Node root) {
    this.source = source;
    this.root = root;
  }

  /** One without content, to name what is wrong with all of a text. */
  static TemplateDocument unreadable(final String source) {
    return new TemplateDocument(source, null);
  }

  /** Reads a text. */
  static TemplateDocument of(final String source, final String text) throws TemplateException {
    final LoadSettings settings =
        LoadSettings.builder()
            .setLabel(source)
            .setCodePointLimit(TemplateReader.MAX_BYTES)
            .setAllowDuplicateKeys(true)
            .setMaxAliasesForCollections(MAX_VALUES)
            .build();
    try {
      measure(source, text, settings);
      return new TemplateDocument(
          source,
          new Compose(settings)
              .composeString(text)
              .orElseThrow(
                  () -> failure(source, 0, "is empty: write at least version and network")));
    } catch (MarkedYamlEngineException e) {
      final int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      throw failure(source, line, "is neither YAML nor JSON: " + e.getProblem() + ": correct it");
    } catch (YamlEngineException e) {
      throw failure(source, 0, "is neither YAML nor JSON: " + e.getMessage() + ": correct it");
    }
  }

  /** Counts before anything is kept, since nodes are many times larger than their texts. */
  private static void measure(final String source, final String text, final LoadSettings settings)
      throws TemplateException {
    int nodes = 0;
    int depth = 0;
    for (final Event event : new Parse(settings).parseString(text)) {
      switch (event.getEventId()) {
        case Scalar, Alias -> nodes++;
        case MappingStart, SequenceStart -> {
          nodes++;
          depth++;
        }
        case MappingEnd, SequenceEnd -> depth--;
        default -> {}
      }
      if (depth > MAX_DEPTH || nodes > MAX_VALUES) {
        final int line = event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
        throw depth > MAX_DEPTH ? tooDeep(source, line) : tooMany(source, line);
      }
    }
  }

  private static TemplateException tooDeep(final String source, final int line) {
    return failure(source, line, "is nested deeper than " + MAX_DEPTH + " levels: flatten it");
  }

  private static TemplateException tooMany(final String source, final int line) {
    return failure(
        source,
        line,
        "has more than " + MAX_VALUES + " keys and values, aliases resolved: describe fewer VMs");
  }

  static TemplateException failure(final String source, final int line, final String text) {
    return new TemplateException(List.of(new Problem(source, line, "", text)), 0);
  }

  String source() {
    return source;
  }

  /** The line of a place, or of what it lies in if there is no such place. */
  int line(final Place place) {
    Node node = root;
    for (final Object step : place.steps()) {
      final Node child = child(node, step);
      if (child == null) {
        break;
      }
      node = child;
    }
    return node == null ? 0 : node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  /** The value at a place as it is written, if it is a single one. */
  Optional<String> scalar(final Place place) {
    Node node = root;
    for (final Object step : place.steps()) {
      node = child(node, step);
    }
    return node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
  }

  private static @Nullable Node child(final @Nullable Node node, final Object step) {
    if (node instanceof MappingNode mapping) {
      for (final NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(step)) {
          return tuple.getValueNode();
        }
      }
    } else if (node instanceof SequenceNode sequence
        && step instanceof Integer index
        && index < sequence.getValue().size()) {
      return sequence.getValue().get(index);
    }
    return null;
  }

  /**
   * The content.
   *
   * @param problems is told of what JSON has no form for, which is left out.
   * @throws TemplateException if there is too much of it.
   */
  JsonNode content(final Problems problems) throws TemplateException {
    values = 0;
    return root == null ? JsonNodeFactory.instance.nullNode() : tree(root, Place.ROOT, 0, problems);
  }

  private JsonNode tree(
      final Node node, final Place place, final int depth, final Problems problems)
      throws TemplateException {
    if (depth > MAX_DEPTH) {
      throw tooDeep(source, line(place));
    }
    if (++values > MAX_VALUES) {
      throw tooMany(source, line(place));
    }
    return switch (node) {
      case MappingNode mapping -> object(mapping, place, depth, problems);
      case SequenceNode sequence -> {
        final ArrayNode array = JsonNodeFactory.instance.arrayNode(sequence.getValue().size());
        for (final Node item : sequence.getValue()) {
          array.add(tree(item, place.item(array.size()), depth + 1, problems));
        }
        yield array;
      }
      default -> scalar((ScalarNode) node, place, problems);
    };
  }

  private ObjectNode object(
      final MappingNode mapping, final Place place, final int depth, final Problems problems)
      throws TemplateException {
    final ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (final NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add(place, "has a key that is not a plain word: write key: value lines");
      } else if (object.has(key.getValue())) {
        problems.add(place.key(key.getValue()), "has a key that is there twice: keep one");
      } else {
        final Place at = place.key(key.getValue());
        object.set(key.getValue(), tree(tuple.getValueNode(), at, depth + 1, problems));
      }
    }
    return object;
  }

  private static JsonNode scalar(
      final ScalarNode scalar, final Place place, final Problems problems) {
    final JsonNodeFactory nodes = JsonNodeFactory.instance;
    final String text = scalar.getValue();
    final Tag tag = scalar.getTag();
    if (tag.equals(Tag.INT) && text.length() <= MAX_DIGITS) {
      return nodes.numberNode(new BigInteger(text).longValueExact());
    }
    if (tag.equals(Tag.BOOL)) {
      return nodes.booleanNode(text.equals("true"));
    }
    if (tag.equals(Tag.NULL)) {
      return nodes.nullNode();
    }
    if (tag.equals(Tag.FLOAT)) {
      return decimal(text, place, problems);
    }
    if (!tag.equals(Tag.STR)) {
      problems.add(
          place, "is no plain text or number of up to " + MAX_DIGITS + " digits: write one");
    }
    return nodes.stringNode(text);
  }

  private static JsonNode decimal(final String text, final Place place, final Problems problems) {
    try {
      final double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return JsonNodeFactory.instance.numberNode(value);
      }
    } catch (NumberFormatException e) {
      // As .inf and .nan are written: told below.
    }
    problems.add(place, "is no finite number: write one");
    return JsonNodeFactory.instance.numberNode(0);
  }
}
