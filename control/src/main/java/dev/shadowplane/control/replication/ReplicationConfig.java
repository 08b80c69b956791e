package dev.shadowplane.control.replication;

import dev.shadowplane.control.template.ShadowSpec.Replication.Mode;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.YamlReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is brought over, completely validated.
 *
 * @param service what it is called in reports.
 * @param mode when it is brought over.
 * @param from the folder of the source: its files are copied, or its hooks are told of it; null if
 *     hooks need none.
 * @param to the folder of the target, likewise; its parent exists.
 * @param hooks the folder with the executables {@code snapshot}, {@code changes-since} and {@code
 *     apply}; null if files are copied.
 * @param intervalMs how often, in milliseconds, for {@code FULL} and {@code DIFFERENTIAL}.
 */
public record ReplicationConfig(
    String service,
    Mode mode,
    @Nullable Path from,
    @Nullable Path to,
    @Nullable Path hooks,
    int intervalMs) {
  /** How often state is brought over if the configuration does not say. */
  public static final int DEFAULT_INTERVAL_MS = 60_000;

  private static final int MIN_INTERVAL_MS = 100;
  private static final int MAX_INTERVAL_MS = 86_400_000;

  /**
   * Reads a file.
   *
   * @param file JSON or YAML with the keys service, mode, from, to, hooks and interval_ms.
   * @return the configuration.
   * @throws ConfigException if it cannot be read or used; the message names file, line, value and
   *     remedy.
   */
  public static ReplicationConfig load(final Path file) {
    final YamlReader yaml = YamlReader.of(file);
    final ReplicationConfig config =
        new ReplicationConfig(
            yaml.text("service"),
            yaml.optional("mode", ReplicationConfig::mode).orElse(Mode.EVENT),
            yaml.optional("from", ReplicationConfig::folder).orElse(null),
            yaml.optional("to", ReplicationConfig::folder).orElse(null),
            yaml.optional("hooks", ReplicationConfig::folder).orElse(null),
            yaml.integer("interval_ms", DEFAULT_INTERVAL_MS, MIN_INTERVAL_MS, MAX_INTERVAL_MS));
    yaml.done();
    config.check();
    return config;
  }

  /**
   * Checks what can be known before anything is done.
   *
   * @throws ConfigException if it cannot be used.
   */
  public void check() {
    if (hooks == null) {
      if (from == null || to == null) {
        throw new ConfigException(
            "replication of "
                + service
                + " names neither two folders nor hooks: give 'from' and 'to', or 'hooks'");
      }
      if (to.startsWith(from) || from.startsWith(to)) {
        throw new ConfigException(
            "replication of "
                + service
                + ": one of "
                + from
                + " and "
                + to
                + " lies in the other: give two separate folders");
      }
    } else {
      for (final String name : List.of("snapshot", "changes-since", "apply")) {
        if (!Files.isExecutable(hooks.resolve(name))) {
          throw new ConfigException(
              hooks.resolve(name)
                  + " is no executable: hooks are snapshot, changes-since and apply");
        }
      }
    }
  }

  /** The word for a mode, as in configurations. */
  static String word(final Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  private static Mode mode(final String text) {
    for (final Mode mode : Mode.values()) {
      if (word(mode).equals(text)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("is no mode: write full, differential or event");
  }

  private static @Nullable Path folder(final String text) {
    if (text.isEmpty()) {
      return null;
    }
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("is no absolute path: start it with /");
    }
    return Path.of(text).normalize();
  }
}
