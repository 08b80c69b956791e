package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a VM what it ought to be, from whatever is there of it. */
final class VmMaker {
  private static final String SETTINGS =
      """
      cd /proc/sys/net || exit 1
      for f in all default; do
        echo 0 >ipv6/conf/$f/accept_ra; echo 0 >ipv6/conf/$f/accept_dad
        echo 0 >ipv4/conf/$f/rp_filter; echo 0 >ipv4/conf/$f/accept_redirects
      done
      echo 0 >ipv4/ip_unprivileged_port_start
      """;

  private final Host host;

  VmMaker(final Host host) {
    this.host = host;
  }

  /** The control group of a VM. */
  static String group(final String network, final String vm) {
    return network + "/" + vm;
  }

  void put(final VmItem vm, final @Nullable Entry before) throws ProvisionException {
    final Entry home =
        host.records().get(new ItemKey(vm.network(), ItemKey.Kind.NETWORK, vm.network()));
    if (home == null || !(home.item() instanceof NetworkItem network)) {
      throw new ProvisionException("there is no network " + vm.network() + ": put it first");
    }
    check(vm, network);
    host.records().put(Entry.making(vm));
    host.cgroups().make(group(vm.network(), vm.vm()));
    host.cgroups().limit(group(vm.network(), vm.vm()), vm.cpus(), vm.memoryBytes());
    final String namespace = Layout.vm(vm.network(), vm.vm());
    final String router = Layout.router(vm.network());
    final KernelView seen = KernelView.of(host.commands(), namespace);
    if (!seen.isThere()) {
      if (Files.exists(Layout.namespaceFile(namespace))) {
        host.commands().run("", "ip", "netns", "delete", namespace);
      }
      host.commands().run("", "ip", "netns", "add", namespace);
      host.commands().attempt("", List.of("ip", "netns", "set", namespace, "auto"));
    } else {
      for (final String family : List.of("-4", "-6")) {
        host.commands().ipLoosely(namespace, family, VmText.clear(vm, seen.interfaces()));
      }
    }
    // Before there is any link, so that nothing passes unfiltered.
    host.commands().runIn(namespace, FirewallText.ofVm(vm), "nft", "-f", "-");
    host.commands().runIn(namespace, "", "sh", "-c", SETTINGS);
    links(vm, before, seen.interfaces(), router, home.mtu());
    host.commands().ip(namespace, VmText.configure(vm, network, home.mtu()));
  }

  private void links(
      final VmItem vm,
      final @Nullable Entry before,
      final Set<String> ends,
      final String router,
      final int mtu)
      throws ProvisionException {
    final List<String> old = new ArrayList<>();
    if (before != null && before.item() instanceof VmItem last) {
      last.nics().stream()
          .filter(nic -> vm.nics().stream().noneMatch(n -> n.name().equals(nic.name())))
          .forEach(nic -> old.add("link delete " + Layout.link(vm.vm(), nic.name())));
    }
    final List<String> lines = new ArrayList<>();
    final List<String> entries = new ArrayList<>();
    for (final VmNic nic : vm.nics()) {
      final String link = Layout.link(vm.vm(), nic.name());
      if (!ends.contains(nic.name())) {
        old.add("link delete " + link); // Its far end may have gone with another namespace.
      }
      lines.addAll(RouterText.vmLink(vm, nic, ends.contains(nic.name()), mtu));
      entries.add("fdb replace " + nic.mac() + " dev " + link + " master static");
    }
    if (before != null) {
      host.commands().ipLoosely(router, "-4", old);
    }
    host.commands().ip(router, lines);
    if (!entries.isEmpty()) {
      host.commands().run(Commands.lines(entries), "bridge", "-n", router, "-batch", "-");
    }
  }

  private void check(final VmItem vm, final NetworkItem network) throws ProvisionException {
    for (final VmNic nic : vm.nics()) {
      if (network.segments().stream().noneMatch(s -> s.name().equals(nic.segment()))) {
        throw new ProvisionException(
            "there is no segment " + nic.segment() + " in " + network.network());
      }
    }
    final String namespace = Layout.vm(vm.network(), vm.vm());
    final boolean feed = network.feed() && namespace.equals(Layout.feed(network.network()));
    final boolean taken =
        host.records().all().stream()
            .anyMatch(entry ->
                switch (entry.item()) {
                  case VmItem other ->
                      !other.key().equals(vm.key())
                          && Layout.vm(other.network(), other.vm()).equals(namespace);
                  case NetworkItem other ->
                      Layout.router(other.network()).equals(namespace)
                          || (other.feed() && Layout.feed(other.network()).equals(namespace));
                  default -> false;
                });
    if (feed || taken) {
      throw new ProvisionException(
          "the namespace " + namespace + " of this VM is another's: give it another name");
    }
  }

  /** Removes its processes, links and namespace. */
  void delete(final String network, final String vm, final @Nullable Entry entry)
      throws ProvisionException {
    CgroupMounts.remove(host.cgroups(), group(network, vm));
    final String router = Layout.router(network);
    final String namespace = Layout.vm(network, vm);
    if (entry != null
        && entry.item() instanceof VmItem item
        && Files.exists(Layout.namespaceFile(router))) {
      // At once, and not whenever the kernel gets to the namespace.
      host.commands()
          .ipLoosely(
              router,
              "-4",
              item.nics().stream()
                  .map(nic -> "link delete " + Layout.link(vm, nic.name()))
                  .toList());
    }
    if (Files.exists(Layout.namespaceFile(namespace))) {
      host.commands().run("", "ip", "netns", "delete", namespace);
    }
  }
}
