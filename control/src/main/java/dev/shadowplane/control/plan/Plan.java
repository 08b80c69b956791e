package dev.shadowplane.control.plan;

import dev.shadowplane.control.model.Mapping;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.dataplane.config.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a template comes to. Equal templates have equal plans, in the same order.
 *
 * @param production the items of the production network; empty if nobody provisions it.
 * @param shadow the items of the shadow; empty if there is none, or it is configuration alone.
 * @param rules the data plane's rules that mirror to the shadow, by {@link MirrorRules}.
 * @param shadowPorts the data plane's ports that lead to the shadow, whose role keeps what it sends
 *     from production.
 * @param mapping how the two belong together; null if there is no shadow.
 */
public record Plan(
    List<Item> production,
    List<Item> shadow,
    List<Rule> rules,
    List<String> shadowPorts,
    @Nullable Mapping mapping) {
  /** Copies the lists. */
  public Plan {
    production = List.copyOf(production);
    shadow = List.copyOf(shadow);
    rules = List.copyOf(rules);
    shadowPorts = List.copyOf(shadowPorts);
  }
}
