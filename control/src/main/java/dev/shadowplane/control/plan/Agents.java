package dev.shadowplane.control.plan;

import dev.shadowplane.control.model.Names;
import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.template.ShadowSpec;
import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.ShadowSpec.Replication;
import dev.shadowplane.control.template.ShadowSpec.ServiceFeed;
import dev.shadowplane.control.template.Template;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The processes of Shadowplane in a shadow: what drives its sessions, what keeps its state. */
final class Agents {
  private static final String FEED = "feed";

  /** The provisioner whose folders are known here. */
  private static final String NETNS = "netns";

  private final Template template;
  private final Network network;
  private final ShadowSpec shadow;
  private final Copy copy;
  private final String journal;
  private final String runDirectory;
  private final List<Item> items = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  Agents(
      final Template template,
      final ShadowSpec shadow,
      final Copy copy,
      final String journal,
      final String runDirectory) {
    this.template = template;
    this.network = template.network();
    this.shadow = shadow;
    this.copy = copy;
    this.journal = journal;
    this.runDirectory = runDirectory;
  }

  List<Item> items() {
    drive();
    for (final Service service : network.services()) {
      final ServiceFeed feed = shadow.services().get(service.name());
      if (feed != null && feed.replication() != null) {
        replicate(service, feed.replication());
      }
    }
    return items;
  }

  private void drive() {
    final List<Map<String, Object>> driven =
        network.services().stream().filter(this::isDriven).map(this::driven).toList();
    if (!driven.isEmpty()) {
      final Map<String, Object> configuration = new LinkedHashMap<>();
      configuration.put("shadow", shadow.name());
      configuration.put("journal", journal);
      configuration.put("services", driven);
      configuration.put("speed", 1.0);
      add(FEED, AgentItem.Kind.FEED, configuration);
    }
  }

  private boolean isDriven(final Service service) {
    final ServiceFeed feed = shadow.services().get(service.name());
    return feed != null && feed.feed() == Feed.SESSIONS;
  }

  private Map<String, Object> driven(final Service service) {
    final Set<String> serving = Set.copyOf(service.vms());
    final List<IpPrefix> addresses =
        network.vms().stream()
            .filter(vm -> serving.contains(vm.name()))
            .flatMap(vm -> vm.nics().stream())
            .flatMap(nic -> nic.addresses().stream())
            .map(IpPrefix::of)
            .toList();
    final Map<String, Object> driven = new LinkedHashMap<>();
    driven.put("name", service.name());
    driven.put("port", service.port());
    driven.put(
        "addresses", PrefixSets.shortest(addresses).stream().map(IpPrefix::toString).toList());
    return driven;
  }

  /** One for each instance in the shadow. */
  private void replicate(final Service service, final Replication replication) {
    for (final String vm : service.vms()) {
      if (!copy.vms().contains(vm)) {
        continue;
      }
      final String instance = service.name() + "." + vm;
      final Map<String, Object> configuration = new LinkedHashMap<>();
      configuration.put("service", service.name());
      configuration.put("mode", replication.mode().name().toLowerCase(Locale.ROOT));
      if (!replication.files().isEmpty()) {
        configuration.put("from", replication.files());
      } else if (template.provisioner().equals(NETNS)) {
        configuration.put("from", state(network.name(), instance));
      }
      if (shadow.provisioner().equals(NETNS)) {
        configuration.put("to", state(shadow.name(), instance));
      }
      if (!replication.hooks().isEmpty()) {
        configuration.put("hooks", replication.hooks());
      }
      configuration.put("interval_ms", replication.intervalMs());
      add(service.name(), AgentItem.Kind.REPLICATION, configuration);
    }
  }

  private String state(final String instanceOf, final String instance) {
    return runDirectory + "/" + instanceOf + "/services/" + instance + "/state";
  }

  private void add(
      final String wanted, final AgentItem.Kind kind, final Map<String, Object> configuration) {
    String name = wanted;
    for (int i = 2; !names.add(name); i++) {
      final String number = "-" + i;
      name =
          wanted.substring(0, Math.min(wanted.length(), Names.MAX_LENGTH - number.length()))
              + number;
    }
    items.add(new AgentItem(shadow.name(), name, kind, Json.write(configuration)));
  }
}
