package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.session.NamedService;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a feed, completely validated.
 *
 * @param shadow whose services are fed, {@code shadow}.
 * @param journal where the frames are, {@code journal}.
 * @param keyFile the keys of an encrypted journal, {@code key-file}; null if there are none.
 * @param services whose sessions are driven, {@code services}: each {@code name}, {@code port} and
 *     {@code addresses}, without which any address is meant.
 * @param options {@code speed}, {@code client-addresses}, {@code delay-ms}, {@code late-ms}, {@code
 *     sessions}, {@code answer-ms}, {@code slow-factor} and {@code slow-ms}.
 */
public record FeedConfig(
    String shadow,
    Path journal,
    @Nullable Path keyFile,
    List<NamedService> services,
    FeedOptions options) {
  private static final int MAX_SERVICES = 1_024;
  private static final int MAX_ADDRESSES = 1_024;
  private static final int HIGHEST_PORT = 65_535;
  private static final int MAX_SESSIONS = 65_536;
  private static final int MAX_MS = 3_600_000;
  private static final double LEAST_SPEED = 0.01;
  private static final double MOST = 100;

  /** Copies the list. */
  public FeedConfig {
    services = List.copyOf(services);
  }

  /**
   * Reads a file.
   *
   * @param file JSON or YAML.
   * @return the configuration.
   * @throws ConfigException if it cannot be read or used; the message names file, line, value,
   *     limit and remedy.
   */
  public static FeedConfig load(final Path file) {
    final YamlReader root = YamlReader.of(file);
    final FeedConfig config =
        new FeedConfig(
            root.text("shadow"),
            root.optional("journal", FeedConfig::absolute)
                .orElseThrow(() -> root.refuse("journal", "is missing: add it")),
            root.optional("key-file", FeedConfig::absolute).orElse(null),
            services(root),
            options(root));
    root.done();
    return config;
  }

  private static List<NamedService> services(final YamlReader root) {
    final List<NamedService> services = new ArrayList<>();
    for (final YamlReader entry : root.mappings("services")) {
      final List<IpPrefix> addresses = new ArrayList<>();
      for (final String text : entry.texts("addresses")) {
        try {
          addresses.add(IpPrefix.of(text));
        } catch (IllegalArgumentException e) {
          throw entry.refuse("addresses", text, String.valueOf(e.getMessage()));
        }
      }
      if (addresses.size() > MAX_ADDRESSES) {
        throw entry.refuse("addresses", "are more than " + MAX_ADDRESSES + ": give prefixes");
      }
      final int port = entry.integer("port", 0, 1, HIGHEST_PORT);
      if (port == 0) {
        throw entry.refuse("port", "is missing: add it");
      }
      services.add(new NamedService(entry.text("name"), port, addresses));
      entry.done();
    }
    if (services.isEmpty() || services.size() > MAX_SERVICES) {
      throw root.refuse(
          "services", "are " + services.size() + ": give 1 to " + MAX_SERVICES + " of them");
    }
    return services;
  }

  private static FeedOptions options(final YamlReader root) {
    final FeedOptions normal = FeedOptions.DEFAULT;
    return new FeedOptions(
        null,
        root.bool("client-addresses", normal.clientAddresses()),
        root.decimal("speed", normal.speed(), LEAST_SPEED, MOST),
        ms(root, "delay-ms", normal.delayNs(), 0),
        ms(root, "late-ms", normal.lateNs(), 0),
        root.integer("sessions", normal.sessions(), 1, MAX_SESSIONS),
        ms(root, "answer-ms", normal.answerNs(), 1),
        root.decimal("slow-factor", normal.slowFactor(), 1, MOST),
        ms(root, "slow-ms", normal.slowNs(), 0));
  }

  private static long ms(
      final YamlReader root, final String key, final long normalNs, final int least) {
    final int normal = (int) TimeUnit.NANOSECONDS.toMillis(normalNs);
    return TimeUnit.MILLISECONDS.toNanos(root.integer(key, normal, least, MAX_MS));
  }

  private static Path absolute(final String text) {
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("is no absolute path: start it with /");
    }
    return Path.of(text).normalize();
  }
}
