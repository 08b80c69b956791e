package dev.shadowplane.control.plan;

import dev.shadowplane.control.model.Mapping;
import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.template.ShadowSpec;
import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.Template;
import dev.shadowplane.dataplane.config.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Makes plans of templates: the same plan of the same template, and nothing else. */
public final class Planner {
  private final String journal;
  private final String runDirectory;

  /**
   * A planner.
   *
   * @param journal the folder of the data plane's journal, from which sessions are fed; empty if
   *     there is none.
   * @param runDirectory the folder in which the netns provisioner keeps the state of services.
   */
  public Planner(final String journal, final String runDirectory) {
    this.journal = journal;
    this.runDirectory = runDirectory;
  }

  /**
   * Makes a plan.
   *
   * @param template one without problems, as the template reader returns it.
   */
  public Plan plan(final Template template) {
    final Network network = template.network();
    final List<Item> production =
        template.provisioner().equals("none")
            ? List.of()
            : new NetworkItems(network, Copy.ofProduction(template)).items();
    final ShadowSpec shadow = template.shadow();
    if (shadow == null) {
      return new Plan(production, List.of(), List.of(), List.of(), null);
    }
    final Copy copy = Copy.ofShadow(network, shadow);
    final List<Item> items = new ArrayList<>();
    if (shadow.fidelity() != ShadowSpec.Fidelity.CONFIGURATION) {
      items.addAll(new NetworkItems(network, copy).items());
      items.addAll(new Agents(template, shadow, copy, journal, runDirectory).items());
    }
    final List<Rule> rules = new MirrorRules(network, shadow).rules();
    return new Plan(
        production,
        items,
        rules,
        shadow.port().isEmpty() ? List.of() : List.of(shadow.port()),
        mapping(network, shadow, items, rules));
  }

  private static Mapping mapping(
      final Network network,
      final ShadowSpec shadow,
      final List<Item> items,
      final List<Rule> rules) {
    final Map<String, String> identifiers = new TreeMap<>();
    final TreeSet<String> services = new TreeSet<>();
    for (final Item item : items) {
      switch (item) {
        case Item.VmItem vm -> identifiers.put(vm.vm(), vm.key().toString());
        case Item.ServiceItem service -> services.add(service.service());
        default -> {}
      }
    }
    shadow
        .services()
        .forEach((name, feed) -> {
          if (feed.feed() != Feed.NONE) {
            services.add(name);
          }
        });
    return new Mapping(
        network.name(),
        shadow.name(),
        !rules.isEmpty(),
        rules.stream().map(Rule::name).toList(),
        identifiers,
        network.vms().stream()
            .map(vm -> vm.name())
            .filter(vm -> !identifiers.containsKey(vm))
            .sorted()
            .toList(),
        List.copyOf(services));
  }
}
