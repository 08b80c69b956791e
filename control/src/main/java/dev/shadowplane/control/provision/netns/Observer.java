package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.model.Names;
import dev.shadowplane.control.provision.Item;
import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.ProvisionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Compares what the kernel says of a network with what it said when it was made. */
final class Observer {
  private final Host host;
  private final ServiceMaker services;
  private final AgentMaker agents;
  private final ExecutorService tasks;

  Observer(
      final Host host,
      final ServiceMaker services,
      final AgentMaker agents,
      final ExecutorService tasks) {
    this.host = host;
    this.services = services;
    this.agents = agents;
    this.tasks = tasks;
  }

  /** Every item of a network, and what is left of others. */
  List<Observed> observe(final String network) throws ProvisionException {
    final List<Entry> entries = host.records().of(network);
    final Map<ItemKey, Future<Boolean>> passing = new HashMap<>();
    for (final Entry entry : entries) {
      if (entry.item() instanceof ServiceItem service) {
        passing.put(service.key(), tasks.submit(() -> services.passes(service)));
      }
    }
    final Map<ItemKey, List<String>> facts = facts(network, entries);
    final List<Observed> observed = new ArrayList<>();
    for (final Entry entry : entries) {
      final ItemKey key = entry.item().key();
      final List<String> deviations = new ArrayList<>();
      if (!entry.made()) {
        deviations.add("it was not finished");
      }
      deviations.addAll(
          switch (entry.item()) {
            case NetworkItem _ -> structure(entry, facts, Layout.router(network));
            case VmItem vm -> {
              final List<String> all = structure(entry, facts, Layout.vm(network, vm.vm()));
              all.addAll(
                  host.cgroups()
                      .limitDeviations(
                          VmMaker.group(network, vm.vm()), vm.cpus(), vm.memoryBytes()));
              yield all;
            }
            case ServiceItem service -> services.deviations(service);
            case AgentItem agent -> agents.deviations(agent);
          });
      final boolean there =
          switch (entry.item()) {
            case NetworkItem _, VmItem _ -> facts.containsKey(key);
            case ServiceItem _ -> deviations.isEmpty() && get(passing, key);
            case AgentItem _ -> deviations.isEmpty();
          };
      observed.add(new Observed(key, entry.item(), deviations, there));
    }
    for (final ItemKey key : leftovers(network)) {
      observed.add(
          new Observed(key, null, List.of("it is left over, and nobody knows from what"), false));
    }
    return observed;
  }

  private static boolean get(final Map<ItemKey, Future<Boolean>> passing, final ItemKey key)
      throws ProvisionException {
    try {
      final Future<Boolean> answer = passing.get(key);
      return answer != null && answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ProvisionException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProvisionException("interrupted", e);
    }
  }

  private static List<String> structure(
      final Entry entry, final Map<ItemKey, List<String>> facts, final String namespace) {
    final List<String> seen = facts.get(entry.item().key());
    if (seen == null) {
      return new ArrayList<>(List.of("namespace " + namespace + " is missing"));
    }
    return entry.made() ? KernelView.differences(entry.facts(), seen) : new ArrayList<>();
  }

  /** Notes what the kernel says of items that were just made. */
  void remember(final String network, final Collection<ItemKey> keys) throws ProvisionException {
    final List<Entry> entries = host.records().of(network);
    final Set<ItemKey> fresh = new HashSet<>(keys);
    for (final Entry entry : entries) {
      if (entry.item() instanceof NetworkItem item
          && entry.made()
          && (item.feed() || item.attachment() != null)) {
        fresh.add(item.key()); // Its feed and its observers follow the VMs.
      }
    }
    if (fresh.isEmpty()) {
      return;
    }
    final Map<ItemKey, List<String>> facts =
        facts(
            network,
            entries.stream()
                .filter(e -> !e.made() || isHome(e) || fresh.contains(e.item().key()))
                .toList());
    for (final Entry entry : entries) {
      final ItemKey key = entry.item().key();
      if (fresh.contains(key)) {
        final List<String> seen = facts.get(key);
        if (seen == null) {
          throw new ProvisionException(key + " vanished right after it was made");
        }
        host.records().put(entry.finished(seen));
      }
    }
  }

  private static boolean isHome(final Entry entry) {
    return entry.item() instanceof NetworkItem;
  }

  /** What the kernel says of the network and the VMs among entries; nothing of what is missing. */
  private Map<ItemKey, List<String>> facts(final String network, final List<Entry> entries)
      throws ProvisionException {
    final Map<String, Future<KernelView>> views = new LinkedHashMap<>();
    final Map<String, ItemKey> ends = new HashMap<>();
    for (final Entry entry : host.records().of(network)) {
      if (entry.item() instanceof VmItem vm) {
        vm.nics().forEach(nic -> ends.put(Layout.link(vm.vm(), nic.name()), vm.key()));
      }
    }
    final Map<ItemKey, List<String>> facts = new HashMap<>();
    for (final Entry entry : entries) {
      switch (entry.item()) {
        case NetworkItem home -> {
          look(views, Layout.router(network));
          if (home.feed()) {
            look(views, Layout.feed(network));
          }
        }
        case VmItem vm -> look(views, Layout.vm(network, vm.vm()));
        case ServiceItem _, AgentItem _ -> {
          // They have no namespaces of their own.
        }
      }
    }
    for (final Entry entry : entries) {
      final Item item = entry.item();
      if (item instanceof NetworkItem || item instanceof VmItem) {
        final String namespace =
            item instanceof VmItem vm ? Layout.vm(network, vm.vm()) : Layout.router(network);
        final KernelView view = view(views, namespace);
        if (view.isThere()) {
          final List<String> list = facts.computeIfAbsent(item.key(), key -> new ArrayList<>());
          if (item instanceof VmItem) {
            view.facts().forEach(fact -> list.add(fact.text()));
          }
        }
      }
    }
    for (final KernelView.Fact fact : view(views, Layout.router(network)).facts()) {
      final ItemKey owner =
          ends.getOrDefault(fact.device(), new ItemKey(network, ItemKey.Kind.NETWORK, network));
      final List<String> list = facts.get(owner);
      if (list != null) {
        list.add((owner.kind() == ItemKey.Kind.VM ? "the router's " : "") + fact.text());
      }
    }
    final List<String> home = facts.get(new ItemKey(network, ItemKey.Kind.NETWORK, network));
    if (home != null && views.containsKey(Layout.feed(network))) {
      final KernelView feed = view(views, Layout.feed(network));
      if (feed.isThere()) {
        home.add("namespace " + Layout.feed(network));
        feed.facts().forEach(fact -> home.add("the feed's " + fact.text()));
      }
    }
    return facts;
  }

  private void look(final Map<String, Future<KernelView>> views, final String namespace) {
    views.put(namespace, tasks.submit(() -> KernelView.of(host.commands(), namespace)));
  }

  private static KernelView view(
      final Map<String, Future<KernelView>> views, final String namespace)
      throws ProvisionException {
    final Future<KernelView> view = views.get(namespace);
    if (view == null) {
      return KernelView.parse("");
    }
    try {
      return view.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ProvisionException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProvisionException("interrupted", e);
    }
  }

  /** What is there of a network that no item explains. */
  Set<ItemKey> leftovers(final String network) throws ProvisionException {
    final Set<String> explained = new HashSet<>();
    for (final Entry entry : host.records().all()) {
      switch (entry.item()) {
        case NetworkItem item -> {
          explained.add(Layout.router(item.network()));
          if (item.feed()) {
            explained.add(Layout.feed(item.network()));
          }
        }
        case VmItem item -> explained.add(Layout.vm(item.network(), item.vm()));
        case ServiceItem _, AgentItem _ -> {
          // They have no namespaces of their own.
        }
      }
    }
    final Set<ItemKey> left = new HashSet<>();
    final ItemKey home = new ItemKey(network, ItemKey.Kind.NETWORK, network);
    final String prefix = Layout.router(network) + "-";
    for (final Path file : Folders.list(Layout.NAMESPACES)) {
      final String name = String.valueOf(file.getFileName());
      if (explained.contains(name)) {
        continue;
      }
      if (name.equals(Layout.router(network)) || name.equals(Layout.feed(network))) {
        left.add(home);
      } else if (name.startsWith(prefix)
          && Names.valid(name.substring(prefix.length()))
          && noneClaims(name, network)) {
        left.add(new ItemKey(network, ItemKey.Kind.VM, name.substring(prefix.length())));
      }
    }
    for (final String child : CgroupMounts.children(host.cgroups(), network)) {
      final ItemKey key = new ItemKey(network, ItemKey.Kind.VM, child);
      if (Names.valid(child) && host.records().get(key) == null) {
        left.add(key);
      }
    }
    if (host.records().get(home) == null
        && (Files.exists(host.folders().network(network))
            || Files.exists(host.cgroups().folders(network).getFirst()))) {
      left.add(home);
    }
    return left;
  }

  /** Whether a namespace is of no other network whose name begins in the same way. */
  private boolean noneClaims(final String namespace, final String network) {
    return host.records().networks().stream()
        .noneMatch(other ->
            other.length() > network.length()
                && (namespace.equals(Layout.router(other))
                    || namespace.startsWith(Layout.router(other) + "-")));
  }
}
