package dev.shadowplane.control.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.shadowplane.control.model.Network;
import dev.shadowplane.control.model.Nic;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.template.ShadowSpec.Feed;
import dev.shadowplane.control.template.ShadowSpec.Fidelity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Templates are read as they are meant, and everything wrong with one is told at its place. */
class TemplateReaderTest {
  private static final String MINIMAL =
      """
      version: 1
      network:
        name: shop
        subnets: [{ name: front, prefixes: [10.0.0.0/24, "2001:DB8:0::/64"] }]
        vms:
          - { name: web-1, nics: [{ subnet: front, addresses: [10.0.0.5, "2001:db8::0:5"] }] }
        services: [{ name: web, vms: [web-1], port: 80, command: [/bin/web] }]
      shadow: { services: { web: { feed: sessions } } }
      """;

  @Test
  void shouldFillInWhatIsLeftOut() throws TemplateException {
    final Template template = TemplateReader.read("shop.yaml", MINIMAL);
    final Network network = template.network();
    assertThat(network.subnets().getFirst().gateways()).containsExactly("10.0.0.1", "2001:db8::1");
    final Nic nic = network.vms().getFirst().nics().getFirst();
    assertThat(nic.name()).isEqualTo("eth0");
    assertThat(nic.addresses()).containsExactly("10.0.0.5", "2001:db8::5");
    assertThat(nic.mac().toString()).startsWith("02:");
    assertThat(nic.securityGroups()).containsExactly("default");
    assertThat(network.securityGroups()).extracting("name").containsExactly("default");
    assertThat(network.vmTypes())
        .singleElement()
        .satisfies(type -> {
          assertThat(type.name()).isEqualTo(network.vms().getFirst().type());
          assertThat(type.memoryBytes()).isEqualTo(256L << 20);
        });
    assertThat(network.services().getFirst().check())
        .isEqualTo(new ServiceCheck(ServiceCheck.Kind.TCP, "", 2_000));
    assertThat(template.provisioner()).isEqualTo("none");
    assertThat(template.shadow())
        .isEqualTo(
            new ShadowSpec(
                "shop-shadow",
                "netns",
                "",
                "",
                "",
                Fidelity.SERVICES,
                1,
                1,
                100,
                List.of(),
                "",
                new ShadowSpec.Thresholds(80, 90, 80),
                Map.of("web", new ShadowSpec.ServiceFeed(Feed.SESSIONS, false, List.of(), null))));
  }

  @Test
  void shouldReadJsonAsYaml() throws TemplateException {
    final Template template = TemplateReader.read("shop.yaml", MINIMAL);
    assertThat(TemplateReader.read("shop.json", TemplateWriter.json(template))).isEqualTo(template);
    assertThat(TemplateReader.read("shop.yaml", TemplateWriter.yaml(template))).isEqualTo(template);
  }

  @Test
  void shouldReadTheLabs() throws IOException, TemplateException {
    final Path file = Path.of("..", "scripts", "lab", "shop.yaml");
    final Template template = TemplateReader.read("shop.yaml", Files.readString(file));
    assertThat(template.network().services())
        .extracting("name")
        .containsExactly("web", "clock", "stock");
    assertThat(TemplateReader.read("again", TemplateWriter.yaml(template))).isEqualTo(template);
  }

  @Test
  void shouldTellEveryProblemAtItsPlace() {
    assertThat(
            problems(
                """
                version: 1
                network:
                  name: Shop; rm -rf /
                  provisoner: netns
                  subnets:
                    - { name: a, prefixes: [10.0.0.0/16] }
                    - { name: b, prefixes: [10.0.5.0/24], gateways: [10.0.6.1] }
                    - { name: c, prefixes: [10.1.0.9/24] }
                  vms:
                    - name: one
                      nics: [{ subnet: a, addresses: [10.0.0.256, 10.2.0.1, 10.0.0.1, 10.0.255.255] }]
                    - name: one
                      type: huge
                      nics: [{ subnet: d, mac: "01:00:00:00:00:01", security-groups: [web] }]
                  services:
                    - { name: x, vms: [one, two], port: 70000, depends-on: [y] }
                    - { name: y, vms: [one], port: 80, depends-on: [z] }
                    - { name: z, vms: [one], port: 80, depends-on: [x], protocol: udp, check: { kind: tcp } }
                shadow:
                  name: s
                  services:
                    x: { feed: packets }
                    z: { feed: sessions }
                    q: { feed: none }
                  pairs: [{ a: one, b: three, percent: 0 }]
                """))
        .containsExactlyInAnyOrder(
            "t:3: network.name: Shop; rm -rf /: is not allowed: give 1 to 40 lower-case letters,"
                + " digits and hyphens, a letter or digit first and last",
            "t:4: network.provisoner: netns: is no key here: use name, provisioner, attach, hosts,"
                + " vm-types, subnets, security-groups, network-acls, vms, services, links",
            "t:7: network.subnets[1].prefixes[0]: 10.0.5.0/24: overlaps 10.0.0.0/16 of subnet a:"
                + " give ranges that do not overlap",
            "t:7: network.subnets[1].gateways[0]: 10.0.6.1: is not in subnet b, which has"
                + " 10.0.5.0/24: give an address of it",
            "t:8: network.subnets[2].prefixes[0]: 10.1.0.9/24: has bits behind the prefix: give"
                + " 10.1.0.0/24",
            "t:11: network.vms[0].nics[0].addresses[0]: 10.0.0.256: give an address or prefix as in"
                + " 10.0.0.0/8 or 2001:db8::/32",
            "t:11: network.vms[0].nics[0].addresses[1]: 10.2.0.1: is not in subnet a, which has"
                + " 10.0.0.0/16: give an address of it",
            "t:11: network.vms[0].nics[0].addresses[2]: 10.0.0.1: is the address of gateway of"
                + " subnet a too: change one",
            "t:11: network.vms[0].nics[0].addresses[3]: 10.0.255.255: is the broadcast address of"
                + " its subnet: give another",
            "t:12: network.vms[1].name: one: is the name of another VM: rename one",
            "t:13: network.vms[1].type: huge: is the name of no vm-type: correct it, or describe"
                + " one",
            "t:14: network.vms[1].nics[0].subnet: d: is the name of no subnet: correct it, or"
                + " describe one",
            "t:14: network.vms[1].nics[0].mac: 01:00:00:00:00:01: is no address of a single"
                + " interface: let the first byte be even",
            "t:14: network.vms[1].nics[0].security-groups[0]: web: is the name of no security"
                + " group: correct it, or describe one",
            "t:16: network.services[0].vms[1]: two: is the name of no VM: correct it, or describe"
                + " one",
            "t:16: network.services[0].port: 70000: is not allowed: give a whole number from 1 to"
                + " 65535",
            "t:18: network.services[2].depends-on[0]: x: closes a cycle of dependencies, x > y > z"
                + " > x: leave one out",
            "t:18: network.services[2].check.kind: tcp: is for TCP, and the service is of UDP:"
                + " write process",
            "t:22: shadow.services.x.feed: packets: leave by a port of the data plane: add attach"
                + " to shadow",
            "t:23: shadow.services.z.feed: sessions: are of TCP, and the service is of UDP: write"
                + " packets",
            "t:24: shadow.services.q: there is no service q: correct it, or describe one",
            "t:25: shadow.pairs[0].b: three: is the name of no VM: correct it, or describe one",
            "t:25: shadow.pairs[0].percent: 0: is not allowed: give a number above 0, at most 100");
  }

  @Test
  void shouldSayWhatIsMissing() {
    assertThat(problems("version: 1\nnetwork: { vms: [{ nics: [{}] }] }"))
        .containsExactlyInAnyOrder(
            "t:2: network.name: is missing: add it",
            "t:2: network.subnets: is missing: add it",
            "t:2: network.vms[0].name: is missing: add it",
            "t:2: network.vms[0].nics[0].subnet: is missing: add it");
    assertThat(problems("")).containsExactly("t: is empty: write at least version and network");
    assertThat(problems("[1]")).isNotEmpty();
  }

  @Test
  void shouldRefuseANewerVersionInOneLine() {
    assertThat(problems("version: 2\nstars: [1]\n"))
        .containsExactly(
            "t:1: version: 2: is newer than this program, which reads version 1: update it");
  }

  @Test
  void shouldRefuseWhatIsTooLargeBeforeItIsParsed() {
    assertThat(problems("#".repeat(50_000_000)))
        .containsExactly("t: has more than 16777216 bytes: describe fewer VMs");
  }

  @Test
  void shouldBoundAliasesAndDepth() {
    final String bomb =
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + IntStream.rangeClosed(1, 9)
                .mapToObj(i ->
                    "a%d: &a%d [%s]"
                        .formatted(
                            i,
                            i,
                            IntStream.range(0, 10)
                                .mapToObj(_ -> "*a" + (i - 1))
                                .collect(Collectors.joining(", "))))
                .collect(Collectors.joining("\n"));
    final String many =
        ": has more than 300000 keys and values, aliases resolved: describe fewer VMs";
    final String deep = ": is nested deeper than 32 levels: flatten it";
    assertThat(problems(bomb)).singleElement().asString().endsWith(many);
    assertThat(problems("a:\n" + "- x\n".repeat(4_000_000))).containsExactly("t:299999" + many);
    assertThat(problems("a: &a [*a]")).containsExactly("t:1" + deep);
    assertThat(problems("[".repeat(16_000_000))).containsExactly("t:1" + deep);
    assertThat(problems("a:\n " + "[".repeat(32) + "]".repeat(32))).containsExactly("t:2" + deep);
  }

  @Test
  void shouldTellAHundredProblemsAndCountTheOthers() {
    final String vms =
        IntStream.range(0, 150)
            .mapToObj(i -> "    - { name: vm-" + i + ", nics: [{ subnet: nowhere }] }\n")
            .collect(Collectors.joining());
    final TemplateException thrown =
        catchThrowableOfType(
            TemplateException.class,
            () ->
                TemplateReader.read(
                    "t",
                    "version: 1\nnetwork:\n  name: n\n  subnets: [{ name: a, prefixes: [10.0.0.0/8]"
                        + " }]\n  vms:\n"
                        + vms));
    assertThat(thrown.problems()).hasSize(100);
    assertThat(thrown).message().endsWith("\nand 50 more problems");
  }

  @Test
  void shouldRefuseWhatIsNoYaml() {
    assertThat(problems("version: 1\nnetwork: { name: shop"))
        .singleElement()
        .asString()
        .startsWith("t:2: is neither YAML nor JSON: ");
    assertThat(problems("version: 1\nversion: 1\nnetwork: {}"))
        .contains("t:1: version: 1: has a key that is there twice: keep one");
  }

  private static List<String> problems(final String text) {
    return catchThrowableOfType(TemplateException.class, () -> TemplateReader.read("t", text))
        .problems()
        .stream()
        .map(Problem::toString)
        .toList();
  }
}
