package dev.shadowplane.control.api;

import dev.shadowplane.control.provision.external.ExternalProvisioner;
import dev.shadowplane.control.shadow.Settings;
import dev.shadowplane.dataplane.config.YamlReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How networks and their shadows are looked after.
 *
 * @param provisioner the socket of the netns provisioner, {@code provisioner}; null if none runs
 *     here.
 * @param directory the folder of that provisioner, with the state of services and the reports of
 *     agents, {@code directory}.
 * @param lookEvery how long it takes at most until a change that nobody told of is found, {@code
 *     look-every}.
 * @param deadline how long an orchestrator may acknowledge nothing, {@code deadline}.
 */
public record ShadowsConfig(
    @Nullable Path provisioner, Path directory, Duration lookEvery, Duration deadline) {
  /** Where the netns provisioner keeps its files if the configuration does not say. */
  public static final Path DEFAULT_DIRECTORY = Path.of("/var/lib/shadowplane-provisioner");

  /** Without a netns provisioner. */
  public static final ShadowsConfig DEFAULT =
      new ShadowsConfig(
          null,
          DEFAULT_DIRECTORY,
          Settings.DEFAULT.lookEvery(),
          ExternalProvisioner.DEFAULT_DEADLINE);

  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofHours(1);

  static ShadowsConfig read(final YamlReader root) {
    final Optional<YamlReader> shadows = root.mapping("shadows");
    if (shadows.isEmpty()) {
      return DEFAULT;
    }
    final YamlReader yaml = shadows.get();
    final ShadowsConfig config =
        new ShadowsConfig(
            yaml.optional("provisioner", ControlConfig::absolute).orElse(null),
            yaml.optional("directory", ControlConfig::absolute).orElse(DEFAULT_DIRECTORY),
            yaml.optional("look-every", ShadowsConfig::duration).orElse(DEFAULT.lookEvery),
            yaml.optional("deadline", ShadowsConfig::duration).orElse(DEFAULT.deadline));
    yaml.done();
    return config;
  }

  private static Duration duration(final String text) {
    final Duration duration = Duration.ofNanos(TimeSpan.ofText(text));
    if (duration.compareTo(LEAST) < 0 || duration.compareTo(MOST) > 0) {
      throw new IllegalArgumentException("give 1s to 1h");
    }
    return duration;
  }
}
