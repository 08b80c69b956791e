package dev.shadowplane.control.plan;

import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Nic;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.SecurityGroup;
import dev.shadowplane.control.model.SecurityRule;
import dev.shadowplane.control.model.Vm;
import dev.shadowplane.control.provision.Item.Filter;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Security groups as filters: what refers to a group becomes the addresses of its interfaces, and
 * rules that differ in the other end alone become one.
 */
final class GroupFilters {
  private static final Comparator<What> IN_ORDER =
      Comparator.comparing(What::protocol).thenComparing(what -> String.valueOf(what.ports()));

  private final Map<String, SecurityGroup> groups = new HashMap<>();
  private final Map<String, List<IpPrefix>> members = new HashMap<>();
  private final Map<List<String>, List<Filter>> ingress = new HashMap<>();
  private final Map<List<String>, List<Filter>> egress = new HashMap<>();

  private record What(Protocol protocol, @Nullable PortRanges ports) {}

  GroupFilters(final Network network) {
    network.securityGroups().forEach(group -> groups.put(group.name(), group));
    for (final Vm vm : network.vms()) {
      for (final Nic nic : vm.nics()) {
        for (final String group : nic.securityGroups()) {
          final List<IpPrefix> addresses = members.computeIfAbsent(group, _ -> new ArrayList<>());
          nic.addresses().forEach(address -> addresses.add(IpPrefix.of(address)));
        }
      }
    }
    members.replaceAll((_, addresses) -> PrefixSets.shortest(addresses));
  }

  /** What may come in to an interface in all of these groups. */
  List<Filter> ingress(final List<String> names) {
    return ingress.computeIfAbsent(names, _ -> filters(names, SecurityGroup::ingress));
  }

  /** What may go out. */
  List<Filter> egress(final List<String> names) {
    return egress.computeIfAbsent(names, _ -> filters(names, SecurityGroup::egress));
  }

  private List<Filter> filters(
      final List<String> names, final Function<SecurityGroup, List<SecurityRule>> side) {
    final Map<What, Peers> allowed = new TreeMap<>(IN_ORDER);
    for (final String name : names) {
      final SecurityGroup group = groups.get(name);
      for (final SecurityRule rule : group == null ? List.<SecurityRule>of() : side.apply(group)) {
        final Peers peers =
            allowed.computeIfAbsent(new What(rule.protocol(), rule.ports()), _ -> new Peers());
        peers.anybody |= rule.prefixes().isEmpty() && rule.groups().isEmpty();
        peers.prefixes.addAll(rule.prefixes());
        rule.groups()
            .forEach(other -> peers.prefixes.addAll(members.getOrDefault(other, List.of())));
      }
    }
    final List<Filter> filters = new ArrayList<>();
    allowed.forEach((what, peers) -> {
      // A filter without peers allows everybody; a group without members is nobody.
      if (peers.anybody) {
        filters.add(new Filter(true, what.protocol(), what.ports(), List.of()));
      } else if (!peers.prefixes.isEmpty()) {
        final List<IpPrefix> shortest = PrefixSets.shortest(peers.prefixes);
        filters.add(new Filter(true, what.protocol(), what.ports(), shortest));
      }
    });
    return List.copyOf(filters);
  }

  private static final class Peers {
    private final List<IpPrefix> prefixes = new ArrayList<>();
    private boolean anybody;
  }
}
