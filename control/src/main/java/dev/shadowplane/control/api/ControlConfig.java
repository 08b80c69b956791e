package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.AnonymisationReader;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.ipfix.IpfixConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of control, completely validated.
 *
 * @param directory the mapped files of the data plane, {@code directory}.
 * @param state what control keeps, certificates among it, {@code state}.
 * @param listen where it listens, {@code listen}.
 * @param journal the journal that it exports from, {@code journal}; null if it exports none.
 * @param anonymisations those that exports may name, {@code anonymisations}.
 * @param keyFile the keys of an encrypted journal, {@code key-file}; null if there are none.
 * @param flows how flows are kept and summed up, {@code flows}.
 * @param ipfix the collectors that are told of flows, {@code ipfix}.
 * @param shadows how networks and their shadows are looked after, {@code shadows}.
 * @param monitoring how they are monitored, {@code monitoring}.
 */
public record ControlConfig(
    Path directory,
    Path state,
    Endpoint listen,
    @Nullable Path journal,
    List<Anonymisation> anonymisations,
    @Nullable Path keyFile,
    FlowsConfig flows,
    List<IpfixConfig> ipfix,
    ShadowsConfig shadows,
    MonitoringConfig monitoring) {
  /** Where the data plane keeps its mapped files if the configuration does not say. */
  public static final Path DEFAULT_DIRECTORY = Path.of("/run/shadowplane");

  /** What control keeps its files in if the configuration does not say. */
  public static final Path DEFAULT_STATE = Path.of("/var/lib/shadowplane/control");

  /** Where control listens if the configuration does not say. */
  public static final Endpoint DEFAULT_LISTEN = new Endpoint("127.0.0.1", 7470);

  /** Copies the lists. */
  public ControlConfig {
    anonymisations = List.copyOf(anonymisations);
    ipfix = List.copyOf(ipfix);
  }

  /**
   * Reads a file.
   *
   * @param file a YAML file.
   * @return the configuration.
   * @throws ConfigException if it cannot be read or used; the message names file, line, value,
   *     limit and remedy.
   */
  public static ControlConfig load(final Path file) {
    final YamlReader yaml = YamlReader.of(file);
    final ControlConfig config =
        new ControlConfig(
            yaml.optional("directory", ControlConfig::absolute).orElse(DEFAULT_DIRECTORY),
            yaml.optional("state", ControlConfig::absolute).orElse(DEFAULT_STATE),
            yaml.optional("listen", Endpoint::parse).orElse(DEFAULT_LISTEN),
            yaml.optional("journal", ControlConfig::absolute).orElse(null),
            AnonymisationReader.anonymisations(yaml),
            yaml.optional("key-file", ControlConfig::absolute).orElse(null),
            FlowsConfig.read(yaml),
            IpfixReader.collectors(yaml),
            ShadowsConfig.read(yaml),
            MonitoringConfig.read(yaml));
    yaml.done();
    return config;
  }

  static Path absolute(final String text) {
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("is no absolute path: start it with /");
    }
    return Path.of(text).normalize();
  }
}
