package dev.shadowplane.control.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * The configuration of control, completely validated.
 *
 * @param directory the mapped files of the data plane, {@code directory}.
 * @param state what control keeps, certificates among it, {@code state}.
 * @param listen where it listens, {@code listen}.
 * @param journal the journal that it exports from, {@code journal}; null if it exports none.
 */
public record ControlConfig(Path directory, Path state, Endpoint listen, @Nullable Path journal) {
  /** Where control listens if the configuration does not say. */
  public static final Endpoint DEFAULT_LISTEN = new Endpoint("127.0.0.1", 7470);

  private static final List<String> KEYS = List.of("directory", "state", "listen", "journal");
  private static final long MAX_FILE_BYTES = 65_536;

  /**
   * Reads a file.
   *
   * @param file a YAML file of at most 64 KiB.
   * @return the configuration.
   * @throws ConfigurationException if it cannot be read or used; the message names file, line,
   *     value, limit and remedy.
   */
  public static ControlConfig load(final Path file) throws ConfigurationException {
    final Map<String, ScalarNode> values = scalars(file, compose(file));
    final ScalarNode listen = values.get("listen");
    Endpoint endpoint = DEFAULT_LISTEN;
    if (listen != null) {
      try {
        endpoint = Endpoint.parse(listen.getValue());
      } catch (IllegalArgumentException e) {
        throw new ConfigurationException(
            at(file, listen)
                + "listen '"
                + listen.getValue()
                + "' "
                + e.getMessage()
                + ": write for example "
                + DEFAULT_LISTEN);
      }
    }
    return new ControlConfig(
        required(file, values, "directory", "the mapped files of the data plane"),
        required(file, values, "state", "a folder of control's own"),
        endpoint,
        path(file, values.get("journal"), "journal"));
  }

  private static @Nullable Node compose(final Path file) throws ConfigurationException {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ConfigurationException(
            file
                + " has more than "
                + MAX_FILE_BYTES
                + " bytes: it is no configuration of control");
      }
      return new Compose(LoadSettings.builder().setLabel(file.toString()).build())
          .composeString(Files.readString(file))
          .orElse(null);
    } catch (NoSuchFileException e) {
      throw new ConfigurationException(
          file + " does not exist: write it, or name another with --control-config or --config");
    } catch (MarkedYamlEngineException e) {
      final String line = e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
      throw new ConfigurationException(
          file + line + ": this is not YAML: " + oneLine(e.getProblem()) + "; correct it");
    } catch (IOException | YamlEngineException e) {
      throw new ConfigurationException(
          file + " cannot be read as UTF-8 YAML: " + oneLine(e.getMessage()) + "; correct it");
    }
  }

  private static Map<String, ScalarNode> scalars(final Path file, final @Nullable Node root)
      throws ConfigurationException {
    if (!(root instanceof MappingNode mapping)) {
      throw new ConfigurationException(
          file + ":1: this is no mapping: write 'key: value' lines with the keys " + known());
    }
    final Map<String, ScalarNode> values = new HashMap<>();
    for (final NodeTuple tuple : mapping.getValue()) {
      final String key =
          tuple.getKeyNode() instanceof ScalarNode name ? name.getValue() : "(no plain key)";
      if (!KEYS.contains(key)) {
        throw new ConfigurationException(
            at(file, tuple.getKeyNode()) + "unknown key '" + key + "': the keys are " + known());
      }
      if (!(tuple.getValueNode() instanceof ScalarNode value) || value.getValue().isBlank()) {
        throw new ConfigurationException(
            at(file, tuple.getKeyNode()) + key + " has no plain value: write '" + key + ": VALUE'");
      }
      if (values.putIfAbsent(key, value) != null) {
        throw new ConfigurationException(
            at(file, tuple.getKeyNode()) + key + " is given twice: keep one of the lines");
      }
    }
    return values;
  }

  private static Path required(
      final Path file, final Map<String, ScalarNode> values, final String key, final String meaning)
      throws ConfigurationException {
    final Path path = path(file, values.get(key), key);
    if (path == null) {
      throw new ConfigurationException(
          file + ": '" + key + "' is missing: add '" + key + ": PATH', " + meaning);
    }
    return path;
  }

  private static @Nullable Path path(
      final Path file, final @Nullable ScalarNode node, final String key)
      throws ConfigurationException {
    if (node == null) {
      return null;
    }
    final String text = node.getValue();
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      throw new ConfigurationException(
          at(file, node) + key + " '" + text + "' is no absolute path: start it with '/'");
    }
    return Path.of(text).normalize();
  }

  private static String at(final Path file, final Node node) {
    return file + ":" + node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1) + ": ";
  }

  private static String known() {
    return String.join(", ", new ArrayList<>(KEYS));
  }

  private static String oneLine(final @Nullable String text) {
    return text == null ? "unknown" : text.strip().replaceAll("\\s+", " ");
  }
}
