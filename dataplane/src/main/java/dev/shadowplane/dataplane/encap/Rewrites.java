package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.config.RewriteConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All maps from production to shadow, compiled once. Immutable; shared by all workers. */
public final class Rewrites {
  private final Map<String, Rewrite> byName;

  /**
   * Compiles maps.
   *
   * @param configs with unique names
   */
  public Rewrites(List<RewriteConfig> configs) {
    byName =
        configs.stream().collect(Collectors.toUnmodifiableMap(RewriteConfig::name, Rewrite::new));
  }

  /** The map of a rule, null without one. */
  @Nullable Rewrite of(@Nullable String name) {
    return name == null ? null : byName.get(name);
  }
}
