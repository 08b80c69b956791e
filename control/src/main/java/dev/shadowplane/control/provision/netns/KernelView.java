package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.ProvisionException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the kernel says of a namespace: its interfaces, addresses, routes and rules, each as a
 * sentence's subject, such as {@code address 10.0.0.5/24 of eth0}. Nothing is told that comes and
 * goes by itself: counters, handles, states of links, link-local addresses.
 */
final class KernelView {
  /** Prints a word and then what it announces; the first is there for an empty answer. */
  private static final String LOOK =
      """
      for part in 'addr show' 'route show table all' '-4 rule show' '-6 rule show'; do
        printf '"%s"\\n' "$part"; ip -j $part
      done
      printf '"fdb"\\n'; bridge -j fdb show
      printf '"sysctl"\\n[%s,%s]\\n' "$(cat /proc/sys/net/ipv4/ip_forward)" \
        "$(cat /proc/sys/net/ipv6/conf/all/forwarding)"
      printf '"nft"\\n'; nft -j list ruleset
      """;

  private static final int MAX_SHOWN = 160;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * Something that is so.
   *
   * @param device the interface that it is about; empty if none.
   * @param text the subject of a sentence.
   */
  record Fact(String device, String text) {}

  private final boolean there;
  private final Set<Fact> facts = new LinkedHashSet<>();
  private final Set<String> interfaces = new LinkedHashSet<>();
  private final List<Integer> rulePriorities = new ArrayList<>();

  private KernelView(final boolean there) {
    this.there = there;
  }

  /** Looks at a namespace, which may be missing. */
  static KernelView of(final Commands commands, final String namespace) throws ProvisionException {
    if (!Files.exists(Layout.namespaceFile(namespace))) {
      return new KernelView(false);
    }
    final Commands.Result seen =
        commands.attempt("", List.of(Commands.inNamespace(namespace, "sh", "-c", LOOK)));
    if (seen.status() != 0) {
      // Deleted at this moment, or a file that is no namespace.
      return new KernelView(false);
    }
    return parse(seen.output());
  }

  /** Reads what {@link #LOOK} prints. */
  static KernelView parse(final String output) throws ProvisionException {
    final KernelView view = new KernelView(true);
    try (var values = MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(output)) {
      String part = "";
      while (values.hasNextValue()) {
        final JsonNode value = values.nextValue();
        if (value.isString()) {
          part = value.asString();
        } else {
          view.read(part, value);
        }
      }
    } catch (JacksonException e) {
      throw new ProvisionException("ip, bridge or nft printed no JSON: " + e.getOriginalMessage());
    }
    return view;
  }

  private void read(final String part, final JsonNode value) {
    switch (part) {
      case "addr show" -> value.forEach(this::link);
      case "route show table all" -> value.forEach(this::route);
      case "-4 rule show" -> value.forEach(rule -> rule("IPv4", rule));
      case "-6 rule show" -> value.forEach(rule -> rule("IPv6", rule));
      case "fdb" -> value.forEach(this::forwarding);
      case "sysctl" -> {
        if (value.path(0).asInt() == 1) {
          add("", "forwarding of IPv4");
        }
        if (value.path(1).asInt() == 1) {
          add("", "forwarding of IPv6");
        }
      }
      default -> firewall(value);
    }
  }

  private void link(final JsonNode link) {
    final String name = link.path("ifname").asString("");
    interfaces.add(name);
    if (name.startsWith("ifb") || name.startsWith("sit") || name.startsWith("tunl")) {
      return; // Those that some kernels put into each namespace.
    }
    add(name, "interface " + name);
    add(name, "MAC address " + link.path("address").asString("") + " of " + name);
    add(name, "MTU " + link.path("mtu").asInt() + " of " + name);
    for (final JsonNode flag : link.path("flags")) {
      if (flag.asString().equals("UP")) {
        add(name, "state UP of " + name);
      }
    }
    if (link.has("master")) {
      add(name, "membership of " + name + " in " + link.path("master").asString());
    }
    for (final JsonNode address : link.path("addr_info")) {
      if (!address.path("scope").asString("").equals("link")) {
        add(
            name,
            "address "
                + address.path("local").asString("")
                + "/"
                + address.path("prefixlen").asInt()
                + " of "
                + name);
      }
    }
  }

  private void route(final JsonNode route) {
    final String destination = route.path("dst").asString("");
    if (route.path("protocol").asString("").equals("kernel") || destination.startsWith("ff00:")) {
      return; // It comes with an address.
    }
    final StringBuilder text = new StringBuilder("route to ");
    text.append(destination);
    for (final String field : List.of("type", "gateway", "dev", "table")) {
      if (route.has(field)) {
        text.append(' ').append(field).append(' ').append(route.path(field).asString(""));
      }
    }
    add(route.path("dev").asString(""), text.toString());
  }

  private void rule(final String version, final JsonNode rule) {
    if (version.equals("IPv4")) {
      rulePriorities.add(rule.path("priority").asInt());
    }
    add("", version + " routing rule " + rule);
  }

  private void forwarding(final JsonNode entry) {
    if (entry.path("state").asString("").equals("static") && entry.has("master")) {
      final String device = entry.path("ifname").asString("");
      add(device, "static forwarding entry " + entry.path("mac").asString("") + " of " + device);
    }
  }

  private void firewall(final JsonNode listing) {
    final Map<String, Integer> positions = new HashMap<>();
    for (final JsonNode entry : listing.path("nftables")) {
      for (final Map.Entry<String, JsonNode> part : entry.properties()) {
        if (part.getKey().equals("metainfo")) {
          continue;
        }
        final JsonNode node = part.getValue();
        final String place =
            node.path("family").asString("") + " " + node.path("table").asString("");
        if (part.getKey().equals("rule")) {
          final String chain = place + " " + node.path("chain").asString("");
          final int position = positions.merge(chain, 1, Integer::sum);
          add("", "firewall rule " + position + " of chain " + chain + ": " + node.path("expr"));
        } else {
          add("", "firewall " + part.getKey() + " " + withoutHandle(node));
        }
      }
    }
  }

  private static String withoutHandle(final JsonNode node) {
    final StringBuilder text = new StringBuilder();
    for (final Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getKey().equals("handle")) {
        text.append(text.isEmpty() ? "" : ", ").append(field.getKey()).append(' ');
        text.append(field.getValue().asString(field.getValue().toString()));
      }
    }
    return text.toString();
  }

  private void add(final String device, final String text) {
    facts.add(new Fact(device, text));
  }

  /** Whether the namespace is there. */
  boolean isThere() {
    return there;
  }

  Set<String> interfaces() {
    return interfaces;
  }

  List<Integer> rulePriorities() {
    return rulePriorities;
  }

  Set<Fact> facts() {
    return facts;
  }

  /** In what a list of facts differs from one before, as sentences. */
  static List<String> differences(final List<String> before, final List<String> after) {
    final Set<String> expected = new LinkedHashSet<>(before);
    final Set<String> seen = new LinkedHashSet<>(after);
    final List<String> deviations = new ArrayList<>();
    expected.stream()
        .filter(fact -> !seen.contains(fact))
        .forEach(fact -> deviations.add(shown(fact) + " is missing"));
    seen.stream()
        .filter(fact -> !expected.contains(fact))
        .forEach(fact -> deviations.add(shown(fact) + " was added"));
    return deviations;
  }

  private static String shown(final String fact) {
    return fact.length() <= MAX_SHOWN ? fact : fact.substring(0, MAX_SHOWN) + "...";
  }
}
