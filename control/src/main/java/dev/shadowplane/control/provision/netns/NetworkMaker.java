package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.Attachment;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ProvisionException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a network's router, bridges and feed what they ought to be, from whatever is there. */
final class NetworkMaker {
  private static final int DEFAULT_MTU = 1_500;

  private static final String ROUTER_SETTINGS =
      """
      cd /proc/sys/net || exit 1
      for f in all default; do
        echo 0 >ipv6/conf/$f/accept_ra; echo 0 >ipv6/conf/$f/accept_dad
        echo 0 >ipv4/conf/$f/rp_filter; echo 0 >ipv4/conf/$f/send_redirects
        echo 1 >ipv6/conf/$f/forwarding
      done
      echo 1 >ipv4/ip_forward
      for f in bridge/bridge-nf-call-*; do [ ! -e "$f" ] || echo 0 >"$f"; done
      """;

  private static final String FEED_SETTINGS =
      """
      cd /proc/sys/net || exit 1
      for f in all default; do
        echo 0 >ipv6/conf/$f/accept_ra; echo 0 >ipv6/conf/$f/accept_dad
        echo 0 >ipv4/conf/$f/rp_filter; echo 0 >ipv4/conf/$f/accept_redirects
      done
      echo 1 >ipv6/ip_nonlocal_bind
      """;

  private final Host host;
  private final AttachmentMover mover;

  NetworkMaker(final Host host) {
    this.host = host;
    this.mover = new AttachmentMover(host.commands());
  }

  /** Brings it about; the entry with what was found out on the way is recorded. */
  void put(final NetworkItem network, final @Nullable Entry before) throws ProvisionException {
    final String router = Layout.router(network.network());
    final Attachment attachment = network.attachment();
    final Entry.@Nullable HostLink attached = before == null ? null : before.host();
    if (attached != null
        && (attachment == null || !attachment.hostInterface().equals(attached.name()))) {
      mover.giveBack(router, attached);
    }
    final KernelView seen = KernelView.of(host.commands(), router);
    int mtu = before == null || before.mtu() == 0 ? DEFAULT_MTU : before.mtu();
    Entry.HostLink link = null;
    if (attachment != null) {
      if (seen.interfaces().contains(attachment.hostInterface())) {
        link = attached != null ? attached : new Entry.HostLink(attachment.hostInterface(), true);
      } else {
        final AttachmentMover.Found found = mover.find(attachment.hostInterface());
        link = new Entry.HostLink(attachment.hostInterface(), found.up());
        mtu = found.mtu();
      }
    }
    host.records().put(new Entry(network, false, List.of(), 0, mtu, link));
    namespace(router, seen, ROUTER_SETTINGS);
    if (seen.isThere()) {
      for (final String family : List.of("-4", "-6")) {
        host.commands().ipLoosely(router, family, RouterText.clear(network, seen.interfaces()));
      }
    }
    final List<String> lines = RouterText.bridges(network, seen.interfaces(), mtu);
    if (network.feed()) {
      feedNamespace(network, seen, lines, mtu);
    } else {
      removeNamespace(Layout.feed(network.network()));
    }
    host.commands().ip(router, lines);
    if (attachment != null) {
      if (!seen.interfaces().contains(attachment.hostInterface())) {
        mover.take(attachment.hostInterface(), router);
      }
      host.commands()
          .ip(router, RouterText.port(attachment.hostInterface(), attachment.segment(), true));
    }
  }

  private void feedNamespace(
      final NetworkItem network,
      final KernelView router,
      final List<String> routerLines,
      final int mtu)
      throws ProvisionException {
    final String feed = Layout.feed(network.network());
    final KernelView seen = KernelView.of(host.commands(), feed);
    namespace(feed, seen, FEED_SETTINGS);
    if (!seen.isThere()) {
      host.commands().ip(feed, FeedText.start());
      for (final String family : List.of("-4", "-6")) {
        host.commands()
            .run(Commands.lines(FeedText.startRules()), "ip", family, "-n", feed, "-batch", "-");
      }
    }
    // A link has two ends: with one missing, the other goes too.
    final Set<String> present = new java.util.HashSet<>(router.interfaces());
    if (!seen.interfaces().contains(Layout.ROUTER_LINK)) {
      present.remove(Layout.FEED_LINK);
    }
    routerLines.addAll(RouterText.feedLinks(network, present, mtu));
  }

  private void namespace(final String name, final KernelView seen, final String settings)
      throws ProvisionException {
    if (!seen.isThere()) {
      if (Files.exists(Layout.namespaceFile(name))) {
        // A name without a namespace behind it, as a kill in the middle of making one leaves it.
        host.commands().run("", "ip", "netns", "delete", name);
      }
      host.commands().run("", "ip", "netns", "add", name);
      host.commands().attempt("", List.of("ip", "netns", "set", name, "auto"));
    }
    host.commands().runIn(name, "", "sh", "-c", settings);
  }

  /** Makes what depends on which VMs there are: rules, forwarding entries, the feed's routes. */
  void follow(final NetworkItem network) throws ProvisionException {
    final String router = Layout.router(network.network());
    final List<VmItem> vms =
        host.records().items(network.network(), VmItem.class).stream()
            .filter(vm -> Files.exists(Layout.namespaceFile(Layout.vm(vm.network(), vm.vm()))))
            .toList();
    final List<String> observers =
        vms.stream()
            .filter(VmItem::observer)
            .flatMap(vm -> vm.nics().stream().limit(1).map(n -> Layout.link(vm.vm(), n.name())))
            .toList();
    host.commands().runIn(router, FirewallText.ofRouter(network, observers), "nft", "-f", "-");
    if (network.feed()) {
      final List<String> entries = new ArrayList<>();
      for (final Segment segment : network.segments()) {
        entries.add(
            "fdb replace "
                + RouterText.feedMac(segment)
                + " dev "
                + Layout.feedPort(segment.name())
                + " master static");
      }
      host.commands().run(Commands.lines(entries), "bridge", "-n", router, "-batch", "-");
      host.commands().ip(router, RouterText.feedRoutes(network, vms));
      followFeed(network, vms);
    }
  }

  private void followFeed(final NetworkItem network, final List<VmItem> vms)
      throws ProvisionException {
    final String feed = Layout.feed(network.network());
    final KernelView seen = KernelView.of(host.commands(), feed);
    final int rules =
        (int) seen.rulePriorities().stream().filter(FeedText::isSegmentRule).count()
            + network.segments().size();
    for (final boolean ipv6 : new boolean[] {false, true}) {
      final String family = ipv6 ? "-6" : "-4";
      host.commands().ipLoosely(feed, family, FeedText.clear(rules));
      final List<String> lines = FeedText.rules(network, ipv6);
      if (!lines.isEmpty()) {
        host.commands().run(Commands.lines(lines), "ip", family, "-n", feed, "-batch", "-");
      }
    }
    host.commands().ip(feed, FeedText.routes(network, vms));
  }

  /** Removes its namespaces; what was attached goes back to the host. */
  void delete(final String network, final @Nullable Entry entry) throws ProvisionException {
    final String router = Layout.router(network);
    if (entry != null && Files.exists(Layout.namespaceFile(router))) {
      final Entry.HostLink link = entry.host();
      if (link != null) {
        mover.giveBack(router, link);
      }
    }
    removeNamespace(Layout.feed(network));
    removeNamespace(router);
  }

  void removeNamespace(final String name) throws ProvisionException {
    if (Files.exists(Layout.namespaceFile(name))) {
      host.commands().run("", "ip", "netns", "delete", name);
    }
  }
}
