package dev.shadowplane.control.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.model.Mapping;
import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.provision.Item.Attachment;
import dev.shadowplane.control.provision.Item.Filter;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.control.template.TemplateException;
import dev.shadowplane.control.template.TemplateReader;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.PortRanges;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleCheck;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.config.YamlReader;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Plans have exactly the items and rules that a template comes to. */
class PlannerTest {
  private static final String SHOP =
      """
      version: 1
      network:
        name: shop
        provisioner: netns
        attach: { port: servers, interface: shop-net, subnet: front }
        vm-types: [{ name: small, cpus: 2, memory: 256M }]
        subnets:
          - { name: front, prefixes: [10.0.0.0/24, "fd00::/64"] }
          - { name: back, prefixes: [10.0.1.0/24], network-acl: quiet, routes: [{ to: 192.0.2.0/24, via: 10.0.1.9 }] }
        network-acls:
          - { name: quiet, ingress: [{ number: 5, action: deny, protocol: tcp, ports: 22, from: 10.0.0.0/24 }, { number: 6, action: allow, from: 10.0.0.0/8 }] }
        security-groups:
          - { name: clients, egress: [{}] }
          - { name: web, ingress: [{ protocol: tcp, ports: 80, from: clients }, { protocol: tcp, ports: 80, from: 192.0.2.1 }], egress: [{ to: [empty, stock] }] }
          - { name: stock, ingress: [{ protocol: tcp, ports: 6379, from: web }, { from: empty }] }
          - { name: empty }
        vms:
          - { name: client, type: small, outside: true, nics: [{ subnet: front, mac: "02:00:00:00:00:01", addresses: [10.0.0.16, "fd00::16"], security-groups: [clients] }] }
          - { name: guest, type: small, outside: true, nics: [{ subnet: front, addresses: [10.0.0.17], security-groups: [clients] }] }
          - { name: web-1, type: small, nics: [{ subnet: front, mac: "02:00:00:00:00:02", addresses: [10.0.0.32, "fd00::32"], security-groups: [web] }, { subnet: back, mac: "02:00:00:00:00:03", addresses: [10.0.1.32], security-groups: [web] }] }
          - { name: idle, type: small, nics: [{ subnet: front, addresses: [10.0.0.40], security-groups: [] }] }
          - { name: stock-1, type: small, nics: [{ subnet: back, mac: "02:00:00:00:00:04", addresses: [10.0.1.48], security-groups: [stock] }] }
        services:
          - { name: web, vms: [web-1], port: 80, command: [/bin/web], environment: { LEVEL: 1.10 }, check: { kind: http } }
          - { name: time, vms: [web-1], protocol: udp, port: 123 }
          - { name: stock, vms: [stock-1], port: 6379, command: [/bin/stock] }
      shadow:
        name: dark
        attach: { port: mirror, interface: dark-net, subnet: front }
        cpu-factor: 0.5
        memory-factor: 0.25
        sampling: 10
        pairs: [{ a: client, b: web-1, percent: 100 }]
        services:
          web: { feed: sessions, command: [/bin/new-web] }
          time: { feed: packets }
          stock: { replication: { mode: event, files: /srv/stock } }
      """;

  private static final Segment FRONT =
      new Segment(
          "front",
          List.of(IpPrefix.of("10.0.0.0/24"), IpPrefix.of("fd00::/64")),
          List.of("10.0.0.1", "fd00::1"),
          null,
          null);
  private static final Segment BACK =
      new Segment(
          "back",
          List.of(IpPrefix.of("10.0.1.0/24")),
          List.of("10.0.1.1"),
          List.of(
              new Filter(
                  false, Protocol.TCP, PortRanges.of("22"), List.of(IpPrefix.of("10.0.0.0/24"))),
              filter(Protocol.ANY, null, "10.0.0.0/8")),
          List.of());
  private static final ServiceCheck HTTP = new ServiceCheck(ServiceCheck.Kind.HTTP, "/", 2_000);
  private static final ServiceCheck TCP = new ServiceCheck(ServiceCheck.Kind.TCP, "", 2_000);

  private static final AgentItem FEED =
      new AgentItem(
          "dark",
          "feed",
          AgentItem.Kind.FEED,
          "{\"shadow\":\"dark\",\"journal\":\"/var/journal\",\"services\":[{\"name\":\"web\","
              + "\"port\":80,\"addresses\":[\"10.0.0.32/32\",\"10.0.1.32/32\","
              + "\"fd00:0:0:0:0:0:0:32/128\"]}],"
              + "\"speed\":1.0}");

  @Test
  void shouldPlanTheShadow() throws TemplateException {
    final Plan plan = plan(SHOP);
    assertThat(plan.shadow())
        .containsExactly(
            new NetworkItem(
                "dark", List.of(FRONT, BACK), new Attachment("dark-net", "front"), true),
            web("dark", 1, 64L << 20),
            stock("dark", 1, 64L << 20),
            new ServiceItem(
                "dark", "web-1", "web", 80, List.of("/bin/new-web"), Map.of("LEVEL", "1.10"), HTTP),
            new ServiceItem("dark", "stock-1", "stock", 6379, List.of("/bin/stock"), Map.of(), TCP),
            FEED,
            new AgentItem(
                "dark",
                "stock",
                AgentItem.Kind.REPLICATION,
                "{\"service\":\"stock\",\"mode\":\"event\",\"from\":\"/srv/stock\","
                    + "\"to\":\"/run/p/dark/services/stock.stock-1/state\","
                    + "\"interval_ms\":10000}"));
    assertThat(plan.shadowPorts()).containsExactly("mirror");
    assertThat(plan.mapping())
        .isEqualTo(
            new Mapping(
                "shop",
                "dark",
                true,
                List.of(
                    "shadow_dark_web_client_web-1",
                    "shadow_dark_time_client_web-1",
                    "shadow_dark_web",
                    "shadow_dark_time"),
                Map.of("web-1", "dark/vm/web-1", "stock-1", "dark/vm/stock-1"),
                List.of("client", "guest", "idle"),
                List.of("stock", "time", "web")));
  }

  @Test
  void shouldPlanProduction() throws TemplateException {
    assertThat(plan(SHOP).production())
        .containsExactly(
            new NetworkItem(
                "shop", List.of(FRONT, BACK), new Attachment("shop-net", "front"), false),
            web("shop", 2, 256L << 20),
            new VmItem(
                "shop",
                "idle",
                2,
                256L << 20,
                List.of(
                    new VmNic(
                        "eth0",
                        "front",
                        idleMac(),
                        List.of("10.0.0.40/24"),
                        List.of(new Route(IpPrefix.of("0.0.0.0/0"), "10.0.0.1")))),
                List.of(),
                List.of(),
                false),
            stock("shop", 2, 256L << 20),
            new ServiceItem(
                "shop", "web-1", "web", 80, List.of("/bin/web"), Map.of("LEVEL", "1.10"), HTTP),
            new ServiceItem(
                "shop", "stock-1", "stock", 6379, List.of("/bin/stock"), Map.of(), TCP));
    assertThat(plan(SHOP.replace("provisioner: netns", "provisioner: none")).production())
        .isEmpty();
  }

  @Test
  void shouldMirrorPairsBeforeTheRest() throws TemplateException {
    final List<Rule> rules = plan(SHOP).rules();
    assertThat(rules.stream().map(RuleWriter::write))
        .containsExactly(
            "{\"name\":\"shadow_dark_web_client_web-1\",\"priority\":2000,\"match\":{"
                + "\"source\":[\"10.0.0.16/32\",\"fd00:0:0:0:0:0:0:16/128\"],"
                + "\"destination\":[\"10.0.0.32/32\",\"fd00:0:0:0:0:0:0:32/128\",\"10.0.1.32/32\"],"
                + "\"protocol\":\"tcp\",\"destination-ports\":\"80\",\"direction\":\"either\"},"
                + "\"percent\":100.0,\"targets\":[\"journal\"]}",
            "{\"name\":\"shadow_dark_time_client_web-1\",\"priority\":2000,\"match\":{"
                + "\"source\":[\"10.0.0.16/32\",\"fd00:0:0:0:0:0:0:16/128\"],"
                + "\"destination\":[\"10.0.0.32/32\",\"fd00:0:0:0:0:0:0:32/128\",\"10.0.1.32/32\"],"
                + "\"protocol\":\"udp\",\"destination-ports\":\"123\",\"direction\":\"forward\"},"
                + "\"percent\":100.0,\"targets\":[\"port:mirror\"]}",
            "{\"name\":\"shadow_dark_web\",\"priority\":1000,\"match\":{"
                + "\"destination\":[\"10.0.0.32/32\",\"fd00:0:0:0:0:0:0:32/128\",\"10.0.1.32/32\"],"
                + "\"protocol\":\"tcp\",\"destination-ports\":\"80\",\"direction\":\"either\"},"
                + "\"percent\":10.0,\"targets\":[\"journal\"]}",
            "{\"name\":\"shadow_dark_time\",\"priority\":1000,\"match\":{"
                + "\"destination\":[\"10.0.0.32/32\",\"fd00:0:0:0:0:0:0:32/128\",\"10.0.1.32/32\"],"
                + "\"protocol\":\"udp\",\"destination-ports\":\"123\",\"direction\":\"forward\"},"
                + "\"percent\":10.0,\"targets\":[\"port:mirror\"]}");
    assertThat(rules).allMatch(rule -> MirrorRules.feeds("dark", rule.name()));
    assertThat(rules).noneMatch(rule -> MirrorRules.feeds("dar", rule.name()));
    for (final Rule rule : rules) {
      assertThat(RuleReader.rule(YamlReader.of("rule", RuleWriter.write(rule)))).isEqualTo(rule);
    }
  }

  @Test
  void shouldGiveObserversWhatNoOtherRuleTakes() throws TemplateException {
    final Plan plan =
        plan(
            SHOP.replace("{ feed: packets }", "{ feed: packets, observer: true }")
                .replace("pairs: [{ a: client, b: web-1, percent: 100 }]", "pairs: []"));
    assertThat(plan.shadow())
        .filteredOn(VmItem.class::isInstance)
        .extracting(item -> ((VmItem) item).observer())
        .containsExactly(true, false);
    assertThat(plan.rules())
        .extracting(Rule::name)
        .containsExactly("shadow_dark_web", "shadow_dark__observers");
    assertThat(RuleWriter.write(plan.rules().getLast()))
        .isEqualTo(
            "{\"name\":\"shadow_dark__observers\",\"priority\":900,\"match\":{"
                + "\"source\":[\"10.0.0.0/24\",\"fd00:0:0:0:0:0:0:0/64\",\"10.0.1.0/24\"],"
                + "\"direction\":\"either\"},\"percent\":10.0,\"targets\":[\"port:mirror\"]}");
  }

  @Test
  void shouldAnonymiseWhatIsJournaled() throws TemplateException {
    final Plan plan =
        plan(
            SHOP.replace("sampling: 10", "anonymisation: hidden")
                .replace("    time: { feed: packets }\n", ""));
    assertThat(plan.rules()).hasSize(2).allMatch(rule -> "hidden".equals(rule.anonymise()));
  }

  @Test
  void shouldPlanWithinTheDataPlanesLimits() throws TemplateException {
    final String name = "a-name-of-forty-characters-which-is-most";
    final String vms =
        IntStream.range(0, 600)
            .mapToObj(i -> "%s-%03d".formatted(name.substring(0, 36), i))
            .collect(Collectors.joining(","));
    final StringBuilder text =
        new StringBuilder("version: 1\nnetwork:\n  name: n\n  subnets: [{ name: s, prefixes:")
            .append(" [10.0.0.0/16] }]\n  services: [{ name: ")
            .append(name)
            .append(", port: 80, vms: [")
            .append(vms)
            .append("] }]\n  vms:\n");
    int host = 2;
    for (final String vm : vms.split(",", -1)) {
      text.append(
          "    - { name: %s, nics: [{ subnet: s, addresses: [10.0.%d.%d] }] }\n"
              .formatted(vm, host / 256, host % 256));
      host++;
    }
    text.append("shadow:\n  name: ")
        .append(name, 0, 39)
        .append("x\n  services: { ")
        .append(name)
        .append(": { feed: sessions } }\n  pairs:\n");
    for (int i = 1; i < 600; i++) {
      text.append(
          "    - { a: %1$s-000, b: %1$s-%2$03d, percent: 50 }\n"
              .formatted(name.substring(0, 36), i));
    }
    final List<Rule> rules = plan(text.toString()).rules();
    assertThat(rules).hasSize(2 * 599 + 3);
    assertThat(rules)
        .extracting(Rule::name)
        .doesNotHaveDuplicates()
        .allMatch(RuleReader.NAME.asMatchPredicate());
    assertThat(rules).allMatch(rule -> rule.match().tuples() <= RuleCheck.MAX_TUPLES);
    assertThat(
            rules.subList(1198, 1201).stream()
                .flatMap(rule -> rule.match().destinations().stream()))
        .containsExactlyElementsOf(
            IntStream.range(2, 602)
                .mapToObj(i -> IpPrefix.of("10.0." + i / 256 + "." + i % 256))
                .toList());
  }

  @Test
  void shouldTellAgentsOfInstancesApart() throws TemplateException {
    final Plan plan =
        plan(
            SHOP.replace(
                    "{ name: stock, vms: [stock-1], port",
                    "{ name: feed, vms: [stock-1, idle], port")
                .replace(
                    "stock: { replication: { mode: event, files: /srv/stock } }",
                    "feed: { replication: { mode: full, hooks: /hooks, interval: 1m } }"));
    assertThat(plan.shadow())
        .filteredOn(AgentItem.class::isInstance)
        .containsExactly(
            FEED,
            new AgentItem("dark", "feed-2", AgentItem.Kind.REPLICATION, ofFeed("stock-1")),
            new AgentItem("dark", "feed-3", AgentItem.Kind.REPLICATION, ofFeed("idle")));
  }

  private static String ofFeed(final String vm) {
    return """
    {"service":"feed","mode":"full","from":"/run/p/shop/services/feed.%1$s/state",\
    "to":"/run/p/dark/services/feed.%1$s/state","hooks":"/hooks","interval_ms":60000}\
    """
        .formatted(vm);
  }

  @Test
  void shouldPlanNothingForConfigurationAlone() throws TemplateException {
    final String services = SHOP.substring(SHOP.indexOf("  services:\n    web"));
    final Plan plan =
        plan(
            SHOP.replace(services, "  fidelity: configuration\n")
                .replace("  pairs: [{ a: client, b: web-1, percent: 100 }]\n", ""));
    assertThat(plan.shadow()).isEmpty();
    assertThat(plan.rules()).isEmpty();
    assertThat(plan.mapping()).isNotNull().extracting(Mapping::mirroring).isEqualTo(false);
  }

  @Test
  void shouldHaveEveryVmWithFullFidelity() throws TemplateException {
    final Plan plan = plan(SHOP.replace("sampling: 10", "fidelity: full"));
    assertThat(plan.shadow())
        .filteredOn(VmItem.class::isInstance)
        .extracting(item -> ((VmItem) item).vm())
        .containsExactly("web-1", "idle", "stock-1");
  }

  @Test
  void shouldPlanTheSameAgain() throws TemplateException {
    assertThat(plan(SHOP)).isEqualTo(plan(SHOP));
  }

  private static Plan plan(final String text) throws TemplateException {
    return new Planner("/var/journal", "/run/p").plan(TemplateReader.read("shop.yaml", text));
  }

  private static MacAddress idleMac() throws TemplateException {
    return TemplateReader.read("shop.yaml", SHOP).network().vms().get(3).nics().getFirst().mac();
  }

  private static VmItem web(final String network, final double cpus, final long memory) {
    return new VmItem(
        network,
        "web-1",
        cpus,
        memory,
        List.of(
            new VmNic(
                "eth0",
                "front",
                new MacAddress(0x020000000002L),
                List.of("10.0.0.32/24", "fd00::32/64"),
                List.of(
                    new Route(IpPrefix.of("0.0.0.0/0"), "10.0.0.1"),
                    new Route(IpPrefix.of("::/0"), "fd00::1"))),
            new VmNic(
                "eth1",
                "back",
                new MacAddress(0x020000000003L),
                List.of("10.0.1.32/24"),
                List.of(new Route(IpPrefix.of("192.0.2.0/24"), "10.0.1.9")))),
        List.of(filter(Protocol.TCP, "80", "10.0.0.16/31", "192.0.2.1/32", "fd00::16/128")),
        List.of(filter(Protocol.ANY, null, "10.0.1.48/32")),
        false);
  }

  private static VmItem stock(final String network, final double cpus, final long memory) {
    return new VmItem(
        network,
        "stock-1",
        cpus,
        memory,
        List.of(
            new VmNic(
                "eth0",
                "back",
                new MacAddress(0x020000000004L),
                List.of("10.0.1.48/24"),
                List.of(
                    new Route(IpPrefix.of("192.0.2.0/24"), "10.0.1.9"),
                    new Route(IpPrefix.of("0.0.0.0/0"), "10.0.1.1")))),
        List.of(filter(Protocol.TCP, "6379", "10.0.0.32/32", "10.0.1.32/32", "fd00::32/128")),
        List.of(),
        false);
  }

  private static Filter filter(
      final Protocol protocol, final @Nullable String ports, final String... peers) {
    return new Filter(
        true,
        protocol,
        ports == null ? null : PortRanges.of(ports),
        List.of(peers).stream().map(IpPrefix::of).toList());
  }
}
