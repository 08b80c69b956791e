package dev.shadowplane.control.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A template that is right is told about once one thing of it is wrong. */
class TemplateProblemsTest {
  private static final String RIGHT =
      """
      version: 1
      network:
        name: shop
        provisioner: netns
        attach: { port: servers, interface: shop-net, subnet: front }
        hosts: [{ name: host-1, memory: 64G }, { name: host-2 }]
        links: [{ name: spine, from: host-1, to: host-2, bandwidth: 10G }]
        vm-types: [{ name: small, cpus: 2, memory: 256M }]
        subnets:
          - { name: front, prefixes: [10.0.0.0/24, "fd00::/64"], gateways: [10.0.0.1], routes: [{ to: 192.0.2.0/24, via: 10.0.0.9 }] }
          - { name: back, prefixes: [10.0.1.0/24], network-acl: quiet }
        network-acls: [{ name: quiet, ingress: [{ number: 5, action: deny, protocol: tcp, ports: 22, from: 10.0.0.0/24 }, { number: 6, action: allow, from: 10.0.0.0/8 }] }]
        security-groups: [{ name: web, ingress: [{ protocol: tcp, ports: 80, from: [web, 10.9.0.0/16] }] }]
        vms:
          - { name: client, outside: true, nics: [{ subnet: front, addresses: [10.0.0.16] }] }
          - { name: web-1, host: host-1, type: small, nics: [{ name: eth0, subnet: front, mac: "02:00:00:00:00:02", addresses: [10.0.0.32], security-groups: [web] }, { name: eth1, subnet: back, mac: "02:00:00:00:00:03", security-groups: [web] }] }
          - { name: empty, nics: [{ subnet: front }] }
        services:
          - { name: web, vms: [web-1], port: 80, command: [/bin/web], check: { kind: http, timeout: 5s } }
          - { name: time, vms: [web-1], protocol: udp, port: 123, command: [/bin/time] }
          - { name: void, vms: [empty], port: 9 }
      shadow:
        name: dark
        attach: { port: mirror, interface: dark-net, subnet: front }
        pairs: [{ a: client, b: web-1, percent: 50 }]
        services:
          web: { feed: sessions, command: [/bin/new] }
          time: { feed: packets, replication: { mode: full, files: /srv, interval: 5s } }
          void: { feed: none }
      """;

  @BeforeEach
  void isRight() throws TemplateException {
    assertThat(TemplateReader.read("t", RIGHT).shadow()).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          memory: 64G           | memory: 64Q         | network.hosts[0].memory: 64Q: give bytes as in 268435456, 256M or 1.5G, at most 1024T
          memory: 256M          | memory: 1K          | network.vm-types[0].memory: 1K: is too little: give at least 1M
          memory: 256M          | memory: 0.3K        | network.vm-types[0].memory: 0.3K: give bytes as in 268435456, 256M or 1.5G, at most 1024T
          bandwidth: 10G        | bandwidth: 2000T    | network.links[0].bandwidth: 2000T: give bits a second as in 500M or 10G, at most 1125T
          to: host-2            | to: host-1          | network.links[0].to: host-1: is the host that the link begins at: name another
          to: host-2            | to: host-3          | network.links[0].to: host-3: is the name of no host: correct it, or describe one
          host: host-1          | host: host-3        | network.vms[1].host: host-3: is the name of no host: correct it, or describe one
          cpus: 2               | cpus: 0             | network.vm-types[0].cpus: 0: is not allowed: give a number from 0.01 to 1024
          cpus: 2               | cpus: .inf          | network.vm-types[0].cpus: .inf: is no finite number: write one
          'fd00::/64'           | 'fe80::/64'         | network.subnets[0].prefixes[1]: fe80::/64: holds addresses that no host can have: give another range
          'fd00::/64'           | 'fd00::/127'        | network.subnets[0].prefixes[1]: fd00::/127: has no fitting length: give one from 16 to 126
          'fd00::/64'           | '10.3.0.0/24'       | network.subnets[0].prefixes[1]: 10.3.0.0/24: is of the same IP version as the first: describe another subnet
          gateways: [10.0.0.1]  | gateways: [10.0.0.1, 10.0.0.2] | network.subnets[0].gateways[1]: 10.0.0.2: is a second one of its IP version: keep one
          gateways: [10.0.0.1]  | gateways: [10.0.0.0] | network.subnets[0].gateways[0]: 10.0.0.0: is the address of the network itself: give another
          gateways: [10.0.0.1]  | gateways: [10.0.0.1/24] | network.subnets[0].gateways[0]: 10.0.0.1/24: give an address without a length, as in 10.0.0.5
          via: 10.0.0.9         | via: 10.0.1.9       | network.subnets[0].routes[0].via: 10.0.1.9: is not in subnet front, which has 10.0.0.0/24 and fd00::/64: give an address of it
          via: 10.0.0.9         | via: 'fd00::9'      | network.subnets[0].routes[0].via: fd00::9: is of another IP version than the destination
          network-acl: quiet    | network-acl: loud   | network.subnets[1].network-acl: loud: is the name of no network ACL: correct it, or describe one
          number: 6             | number: 5           | network.network-acls[0].ingress[1].number: 5: follows 5: give each entry a higher number than the one before
          protocol: tcp, ports: 22 | protocol: icmp, ports: 22 | network.network-acls[0].ingress[0].ports: 22: ports are of tcp and udp: leave them out, or give such a protocol
          ports: 80, from       | ports: 80-79, from  | network.security-groups[0].ingress[0].ports: 80-79: give ports from 0 to 65535 as in 80,8000-8099
          from: [web, 10.9      | from: [wob, 10.9    | network.security-groups[0].ingress[0].from: there is no security group wob: name one that is described, or a prefix as in 10.0.0.0/24
          from: [web, 10.9      | from: [10.9.0.1/16, 10.9 | network.security-groups[0].ingress[0].from[0]: 10.9.0.1/16: has bits behind the prefix: give 10.9.0.0/16
          name: eth1            | name: eth0          | network.vms[1].nics[1].name: eth0: is the name of another interface of the VM: rename one
          name: eth1            | name: lo            | network.vms[1].nics[1].name: lo: is the loopback interface: rename it
          name: eth1            | name: ../etc        | network.vms[1].nics[1].name: ../etc: is not allowed: give 1 to 15 letters, digits and . _ -, a letter or digit first
          00:00:03'             | 00:00:02'           | network.vms[1].nics[1].mac: 02:00:00:00:00:02: 02:00:00:00:00:02 is the MAC address of an interface of web-1 too: change one
          00:00:03'             | 00:00:0g'           | network.vms[1].nics[1].mac: 02:00:00:00:00:0g: give six bytes as in 52:54:00:12:34:56
          00:00:03', security-groups: [web] | 00:00:03', security-groups: [] | network.vms[1].nics[1].security-groups: differ from those of the VM's first interface: give all its interfaces the same
          addresses: [10.0.0.16] | addresses: [10.0.0.32] | network.vms[1].nics[0].addresses[0]: 10.0.0.32: is the address of VM client too: change one
          outside: true, nics: [{ subnet: front, addresses: [10.0.0.16] | outside: true, nics: [{ subnet: back, addresses: [10.0.1.16] | network.vms[0].nics[0].subnet: back: is not the subnet that the data plane is attached to, and the VM is outside: put it there, or attach this subnet
          vms: [empty]          | vms: [empty, empty] | network.services[2].vms[1]: empty: is there twice: keep one
          vms: [empty], port: 9 | vms: [web-1], port: 80 | network.services[2].port: 80: is where service web listens on VM web-1 too: change one
          command: [/bin/web]   | command: [web]      | network.services[0].command[0]: web: is no absolute path: give the program's, as in /usr/bin/python3
          kind: http            | kind: tcp, path: /  | network.services[0].check.path: /: is of HTTP checks only: leave it out
          timeout: 5s           | timeout: 5m         | network.services[0].check.timeout: 5m: give a length of time from 10ms to 1m, as in 500ms or 5s
          protocol: udp,        | protocol: udp, metrics: /metrics, | network.services[1].metrics: /metrics: are asked for by TCP, and the service is of UDP: leave them out
          protocol: udp,        | protocol: udp, environment: { A: [1] }, | network.services[1].environment.A: is not allowed: give a text of up to 4096 characters, a number, true or false
          protocol: udp,        | protocol: udp, environment: { 'A B': 1 }, | network.services[1].environment.A B: 1: has a name that is not allowed: give up to 100 variables, as in { LEVEL: info }, named by letters, digits and _
          protocol: udp,        | protocol: udp, depends-on: [time], | network.services[1].depends-on[0]: time: closes a cycle of dependencies, time > time: leave one out
          port: servers, interface: shop-net, subnet: front | port: servers, interface: shop-net | network.attach.subnet: is missing: name the subnet that it becomes a port of
          port: mirror, interface: dark-net, subnet: front | port: mirror, interface: dark-net, subnet: nowhere | shadow.attach.subnet: nowhere: is the name of no subnet: correct it, or describe one
          port: mirror          | port: servers       | shadow.attach.port: servers: is production's port: mirror to a port of its own
          interface: dark-net   | interface: shop-net | shadow.attach.interface: shop-net: is production's interface: give another
          interface: dark-net   | interface: an-interface-too-long | shadow.attach.interface: an-interface-too-long: is not allowed: give 1 to 15 letters, digits and . _ -, a letter or digit first
          name: dark            | name: shop          | shadow.name: shop: is the name of the production network: give another
          name: dark            | sampling: 0         | shadow.sampling: 0: is not allowed: give a number above 0, at most 100
          name: dark            | cpu-factor: 5       | shadow.cpu-factor: 5: is not allowed: give a number above 0, at most 4
          name: dark            | anonymisation: hidden | shadow.services.time.feed: packets: cannot be anonymised on their way to a port: write sessions or none, or leave anonymisation out
          b: web-1              | b: client           | shadow.pairs[0].b: client: is the same VM as a: name two
          b: web-1              | b: empty            | shadow.pairs[0]: neither client nor empty offers a service that is fed: feed one
          percent: 50 }         | percent: 50 }, { a: web-1, b: client, percent: 1 } | shadow.pairs[1]: is there twice: keep one
          a: client             | a: empty            | shadow.pairs[0]: one of the two has no address to tell it by: give it one
          feed: none            | feed: sessions      | shadow.services.void.feed: sessions: needs an address of a VM of the service: give it one
          feed: none            | feed: all           | shadow.services.void.feed: all: is not allowed: give none, packets (mirrored as they are: UDP, observers) or sessions (the clients' bytes over new connections: TCP)
          feed: none            | observer: true      | shadow.services.void.observer: true: needs feed: packets beside it: add it
          feed: none            | replication: { mode: event, files: /x } | shadow.services.void.replication: needs a service that is started in the shadow: give it a command
          files: /srv           | files: srv          | shadow.services.time.replication.files: srv: is not allowed: give an absolute path
          interval: 5s          | interval: 1ms       | shadow.services.time.replication.interval: 1ms: give a length of time from 100ms to 24h, as in 500ms or 5s
          command: [/bin/new]   | command: [new]      | shadow.services.web.command[0]: new: is no absolute path: give the program's, as in /usr/bin/python3
          version: 1            | version: one        | version: one: is not allowed: give 1
          provisioner: netns    | provisioner: cloud  | network.provisioner: cloud: is not allowed: give netns (this host's kernel), external (an orchestrator), or none: it exists already; left out: none
          name: client,         | name: $(reboot),    | network.vms[0].name: $(reboot): is not allowed: give 1 to 40 lower-case letters, digits and hyphens, a letter or digit first and last
          """)
  void shouldTellTheOneProblem(final String what, final String with, final String problem) {
    assertThat(RIGHT.replace('"', '\'')).contains(what);
    assertThat(
            problems(
                RIGHT
                    .replace('"', '\'')
                    .replaceFirst(Pattern.quote(what), Matcher.quoteReplacement(with))))
        .anySatisfy(told -> assertThat(told).isEqualTo(problem));
  }

  @Test
  void shouldNotTakeANameThatIsDerivedAndTooLong() {
    final String name = "a".repeat(38);
    assertThat(problems(RIGHT.replace("name: shop", "name: " + name).replace("  name: dark\n", "")))
        .containsExactly(
            "shadow.name: is no name when derived from the network's: give a shorter one");
  }

  @Test
  void shouldNeedAPortForPackets() {
    assertThat(problems(RIGHT.replaceFirst("  attach: \\{ port: mirror.*\n", "")))
        .containsExactly(
            "shadow.services.time.feed: packets: leave by a port of the data plane: add attach to"
                + " shadow");
  }

  @Test
  void shouldFeedNothingWithoutVms() {
    assertThat(problems(RIGHT.replace("  name: dark\n", "  fidelity: configuration\n")))
        .containsExactlyInAnyOrder(
            "shadow.services.web.feed: sessions: needs VMs, and fidelity is configuration: leave"
                + " one out",
            "shadow.services.time.feed: packets: needs VMs, and fidelity is configuration: leave"
                + " one out",
            "shadow.services.time.replication: needs VMs, and fidelity is configuration: leave one"
                + " out");
  }

  private static List<String> problems(final String text) {
    final TemplateException thrown =
        catchThrowableOfType(TemplateException.class, () -> TemplateReader.read("t", text));
    assertThat(thrown).as("no problem is found").isNotNull();
    return thrown.problems().stream()
        .map(problem -> new Problem("", 0, problem.path(), problem.text()).toString().substring(2))
        .toList();
  }
}
