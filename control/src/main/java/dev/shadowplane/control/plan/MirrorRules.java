package dev.shadowplane.control.plan;

import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Service;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.template.ShadowSpec;
import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.ShadowSpec.PairShare;
import dev.shadowplane.control.template.ShadowSpec.ServiceFeed;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.Limits;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.PortRanges;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data plane's rules that feed a shadow. A service fed by packets is sent the frames towards
 * it; of one fed by sessions, both directions are journaled; observers are sent what no other of
 * these rules takes. Pairs of VMs go before the rest.
 */
public final class MirrorRules {
  private static final int PAIR_PRIORITY = 2_000;
  private static final int OBSERVED_PAIR_PRIORITY = 1_900;
  private static final int SERVICE_PRIORITY = 1_000;
  private static final int OBSERVERS_PRIORITY = 900;

  /** Well below what one rule may stand for, so that long lists become several rules. */
  private static final int ADDRESSES_PER_RULE = 256;

  private static final int NAME_LENGTH = 63;
  private static final int HASH_LENGTH = 8;

  private final ShadowSpec shadow;
  private final Network network;
  private final Map<String, List<IpPrefix>> addresses = new HashMap<>();
  private final Map<String, List<Service>> offered = new HashMap<>();
  private final List<Rule> rules = new ArrayList<>();

  MirrorRules(final Network network, final ShadowSpec shadow) {
    this.network = network;
    this.shadow = shadow;
    for (final Vm vm : network.vms()) {
      addresses.put(
          vm.name(),
          vm.nics().stream().flatMap(nic -> nic.addresses().stream()).map(IpPrefix::of).toList());
    }
    for (final Service service : network.services()) {
      if (feed(service) != Feed.NONE) {
        service
            .vms()
            .forEach(vm -> offered.computeIfAbsent(vm, _ -> new ArrayList<>()).add(service));
      }
    }
  }

  /** Whether a rule of the data plane feeds a shadow, going by its name. */
  public static boolean feeds(final String shadow, final String rule) {
    return rule.startsWith(prefix(shadow));
  }

  /** What no other shadow's rules begin with: names of networks have no underscore. */
  private static String prefix(final String shadow) {
    return "shadow_" + shadow + "_";
  }

  List<Rule> rules() {
    for (final PairShare pair : shadow.pairs()) {
      pair(pair, pair.a(), pair.b());
      pair(pair, pair.b(), pair.a());
    }
    for (final Service service : network.services()) {
      final Feed feed = feed(service);
      if (feed != Feed.NONE) {
        service(service, feed);
      }
    }
    if (shadow.services().values().stream().anyMatch(ServiceFeed::observer)) {
      observers();
    }
    return rules;
  }

  /** What a service's own rule does; observers have none of their own. */
  private Feed feed(final Service service) {
    final ServiceFeed feed = shadow.services().get(service.name());
    return feed == null || feed.observer() ? Feed.NONE : feed.feed();
  }

  /** The services that one VM of a pair offers to the other. */
  private void pair(final PairShare pair, final String client, final String server) {
    final List<IpPrefix> from = of(client);
    final List<IpPrefix> to = of(server);
    if (!meet(from, to)) {
      return;
    }
    for (final Service service : offered.getOrDefault(server, List.of())) {
      final Feed feed = feed(service);
      add(
          service.name() + "_" + client + "_" + server,
          PAIR_PRIORITY,
          match(service, feed, from, to),
          pair.percent(),
          feed);
    }
  }

  private void service(final Service service, final Feed feed) {
    final List<IpPrefix> all = service.vms().stream().flatMap(vm -> of(vm).stream()).toList();
    for (int i = 0; i < all.size(); i += ADDRESSES_PER_RULE) {
      final List<IpPrefix> some = all.subList(i, Math.min(all.size(), i + ADDRESSES_PER_RULE));
      add(
          service.name() + (i == 0 ? "" : "_" + (i / ADDRESSES_PER_RULE + 1)),
          SERVICE_PRIORITY,
          match(service, feed, List.of(), some),
          shadow.samplePercent(),
          feed);
    }
  }

  private void observers() {
    for (final PairShare pair : shadow.pairs()) {
      if (meet(of(pair.a()), of(pair.b()))) {
        add(
            "_" + pair.a() + "_" + pair.b(),
            OBSERVED_PAIR_PRIORITY,
            match(of(pair.a()), of(pair.b()), null, null, true),
            pair.percent(),
            Feed.PACKETS);
      }
    }
    final List<IpPrefix> all =
        network.subnets().stream().flatMap(subnet -> subnet.prefixes().stream()).toList();
    for (int i = 0; i < all.size(); i += ADDRESSES_PER_RULE) {
      final List<IpPrefix> some = all.subList(i, Math.min(all.size(), i + ADDRESSES_PER_RULE));
      add(
          "_observers" + (i == 0 ? "" : "_" + (i / ADDRESSES_PER_RULE + 1)),
          OBSERVERS_PRIORITY,
          match(some, List.of(), null, null, true),
          shadow.samplePercent(),
          Feed.PACKETS);
    }
  }

  private void add(
      final String name,
      final int priority,
      final Match match,
      final double percent,
      final Feed feed) {
    final boolean sessions = feed == Feed.SESSIONS;
    rules.add(
        new Rule(
            named(name),
            priority,
            match,
            percent,
            List.of(sessions ? RuleTarget.JOURNAL : new RuleTarget.Port(shadow.port())),
            CopyChange.NONE,
            Limits.NONE,
            sessions && !shadow.anonymisation().isEmpty() ? shadow.anonymisation() : null));
  }

  /** A name of the data plane's kind: what is too long is cut and told apart by a hash. */
  private String named(final String rest) {
    final String name = prefix(shadow.name()) + rest;
    if (name.length() <= NAME_LENGTH) {
      return name;
    }
    try {
      final byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return name.substring(0, NAME_LENGTH - HASH_LENGTH - 1)
          + "-"
          + HexFormat.of().formatHex(hash, 0, HASH_LENGTH / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Match match(
      final Service service,
      final Feed feed,
      final List<IpPrefix> sources,
      final List<IpPrefix> destinations) {
    return match(
        sources,
        destinations,
        service.protocol() == Protocol.UDP ? 17 : 6,
        new PortRanges(List.of(new PortRanges.Range(service.port(), service.port()))),
        feed == Feed.SESSIONS);
  }

  private static Match match(
      final List<IpPrefix> sources,
      final List<IpPrefix> destinations,
      final @Nullable Integer protocol,
      final @Nullable PortRanges ports,
      final boolean eitherDirection) {
    return new Match(
        null,
        null,
        null,
        null,
        sources,
        destinations,
        protocol,
        null,
        null,
        null,
        ports,
        null,
        eitherDirection,
        null,
        null,
        null,
        null);
  }

  private List<IpPrefix> of(final String vm) {
    return addresses.getOrDefault(vm, List.of());
  }

  /** Whether packets can go from one to the other: they have addresses of the same IP version. */
  private static boolean meet(final List<IpPrefix> from, final List<IpPrefix> to) {
    return from.stream().anyMatch(a -> to.stream().anyMatch(b -> a.isIpv6() == b.isIpv6()));
  }
}
