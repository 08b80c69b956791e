package dev.shadowplane.control.template;

import dev.shadowplane.control.model.AclEntry;
import dev.shadowplane.control.model.NetworkAcl;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.SecurityGroup;
import dev.shadowplane.control.model.SecurityRule;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes security groups and network ACLs of parts of a template. */
final class FilterDecoder {
  private FilterDecoder() {}

  static SecurityGroup group(final Part group) {
    return new SecurityGroup(
        group.text("name", ""),
        group.parts("ingress").stream().map(rule -> rule(rule, "from")).toList(),
        group.parts("egress").stream().map(rule -> rule(rule, "to")).toList());
  }

  /** A group that takes in what its members send, and lets everything out. */
  static SecurityGroup membersIn(final String name) {
    return new SecurityGroup(
        name,
        List.of(new SecurityRule(Protocol.ANY, null, List.of(), List.of(name))),
        List.of(new SecurityRule(Protocol.ANY, null, List.of(), List.of())));
  }

  private static SecurityRule rule(final Part rule, final String peers) {
    final List<IpPrefix> prefixes = new ArrayList<>();
    final List<String> groups = new ArrayList<>();
    rule.parsedList(
        peers,
        "",
        text -> {
          if (isName(text)) {
            groups.add(text);
          } else {
            prefixes.add(IpMath.prefix(text));
          }
          return text;
        });
    return new SecurityRule(rule.choice("protocol", Protocol.ANY), ports(rule), prefixes, groups);
  }

  /**
   * Whether a peer is the name of a group: prefixes have a dot or a colon, which names have not.
   */
  static boolean isName(final String peer) {
    return peer.indexOf('.') < 0 && peer.indexOf(':') < 0;
  }

  static NetworkAcl acl(final Part acl) {
    return new NetworkAcl(
        acl.text("name", ""), entries(acl, "ingress", "from"), entries(acl, "egress", "to"));
  }

  private static List<AclEntry> entries(final Part acl, final String key, final String peer) {
    return acl.parts(key).stream()
        .map(entry ->
            new AclEntry(
                entry.integer("number", 0),
                entry.text("action", "deny").equals("allow"),
                entry.choice("protocol", Protocol.ANY),
                ports(entry),
                entry.parsed(peer, IpMath::prefix).orElse(NetworkDecoder.UNREAD)))
        .toList();
  }

  private static @Nullable PortRanges ports(final Part rule) {
    return rule.parsed("ports", PortRanges::of).orElse(null);
  }
}
