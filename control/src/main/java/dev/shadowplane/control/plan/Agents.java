package dev.shadowplane.control.plan;

import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.template.ShadowSpec;
import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.ShadowSpec.Replication;
import dev.shadowplane.control.template.ShadowSpec.ServiceFeed;
import dev.shadowplane.dataplane.config.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The processes of Shadowplane in a shadow: what drives its sessions, what keeps its state. */
final class Agents {
  private static final String FEED = "feed";

  private final Network network;
  private final ShadowSpec shadow;
  private final Copy copy;
  private final String journal;

  Agents(final Network network, final ShadowSpec shadow, final Copy copy, final String journal) {
    this.network = network;
    this.copy = copy;
    this.shadow = shadow;
    this.journal = journal;
  }

  List<Item> items() {
    final List<Item> items = new ArrayList<>();
    final List<Map<String, Object>> driven = new ArrayList<>();
    for (final Service service : network.services()) {
      final ServiceFeed feed = shadow.services().get(service.name());
      if (feed != null && feed.feed() == Feed.SESSIONS) {
        driven.add(driven(service));
      }
      if (feed != null && feed.replication() != null) {
        items.addAll(replications(service, feed.replication()));
      }
    }
    if (!driven.isEmpty()) {
      final Map<String, Object> configuration = new LinkedHashMap<>();
      configuration.put("shadow", shadow.name());
      configuration.put("journal", journal);
      configuration.put("services", driven);
      configuration.put("speed", 1.0);
      items.add(agent(FEED, AgentItem.Kind.FEED, configuration));
    }
    return items;
  }

  private Map<String, Object> driven(final Service service) {
    final Map<String, Object> driven = new LinkedHashMap<>();
    driven.put("name", service.name());
    driven.put("port", service.port());
    driven.put(
        "addresses",
        network.vms().stream()
            .filter(vm -> service.vms().contains(vm.name()))
            .flatMap(vm -> vm.nics().stream())
            .flatMap(nic -> nic.addresses().stream())
            .toList());
    return driven;
  }

  /** One for each instance in the shadow, named as the instance is. */
  private List<AgentItem> replications(final Service service, final Replication replication) {
    final Map<String, Object> configuration = new LinkedHashMap<>();
    configuration.put("service", service.name());
    configuration.put("mode", replication.mode().name().toLowerCase(Locale.ROOT));
    if (!replication.files().isEmpty()) {
      configuration.put("from", replication.files());
    }
    if (!replication.hooks().isEmpty()) {
      configuration.put("hooks", replication.hooks());
    }
    configuration.put("interval_ms", replication.intervalMs());
    return service.vms().stream()
        .filter(vm -> copy.vms().contains(vm))
        .map(vm -> agent(service.name() + "." + vm, AgentItem.Kind.REPLICATION, configuration))
        .toList();
  }

  private AgentItem agent(
      final String name, final AgentItem.Kind kind, final Map<String, Object> configuration) {
    return new AgentItem(shadow.name(), name, kind, Json.write(configuration));
  }
}
