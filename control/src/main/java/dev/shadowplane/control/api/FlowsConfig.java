package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.analytics.aggregate.Aggregates;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How flows are kept and summed up: the key {@code flows}.
 *
 * @param table the flow table, {@code capacity}, {@code idle-timeout} and {@code active-timeout}.
 * @param subnets those summed up, {@code subnets}; none for each /24 and /64.
 */
public record FlowsConfig(FlowTableConfig table, List<IpPrefix> subnets) {
  /** What holds when the configuration does not say. */
  public static final FlowsConfig DEFAULT = new FlowsConfig(FlowTableConfig.DEFAULT, List.of());

  private static final long LEAST_TIMEOUT_NS = 1_000_000_000L;
  private static final long MOST_TIMEOUT_NS = 86_400L * LEAST_TIMEOUT_NS;

  /** Copies the list. */
  public FlowsConfig {
    subnets = List.copyOf(subnets);
  }

  static FlowsConfig read(final YamlReader root) {
    final Optional<YamlReader> flows = root.mapping("flows");
    if (flows.isEmpty()) {
      return DEFAULT;
    }
    final YamlReader yaml = flows.get();
    final FlowTableConfig table = FlowTableConfig.DEFAULT;
    final FlowsConfig config =
        new FlowsConfig(
            new FlowTableConfig(
                yaml.integer(
                    "capacity",
                    table.capacity(),
                    FlowTableConfig.MIN_CAPACITY,
                    FlowTableConfig.MAX_CAPACITY),
                yaml.optional("idle-timeout", FlowsConfig::timeout).orElse(table.idleTimeoutNs()),
                yaml.optional("active-timeout", FlowsConfig::timeout)
                    .orElse(table.activeTimeoutNs())),
            subnets(yaml));
    yaml.done();
    return config;
  }

  private static long timeout(final String text) {
    final long timeoutNs = TimeSpan.ofText(text);
    if (timeoutNs < LEAST_TIMEOUT_NS || timeoutNs > MOST_TIMEOUT_NS) {
      throw new IllegalArgumentException("give 1s to 1d");
    }
    return timeoutNs;
  }

  private static List<IpPrefix> subnets(final YamlReader yaml) {
    final List<IpPrefix> subnets = new ArrayList<>();
    for (final String text : yaml.texts("subnets")) {
      try {
        subnets.add(IpPrefix.of(text));
      } catch (IllegalArgumentException e) {
        throw yaml.refuse("subnets", text, String.valueOf(e.getMessage()));
      }
    }
    if (subnets.size() > Aggregates.MAX_SUBNETS) {
      throw tooMany(yaml, subnets.size());
    }
    return subnets;
  }

  private static ConfigException tooMany(final YamlReader yaml, final int count) {
    return yaml.refuse(
        "subnets", "has " + count + " prefixes: keep " + Aggregates.MAX_SUBNETS + " at most");
  }
}
