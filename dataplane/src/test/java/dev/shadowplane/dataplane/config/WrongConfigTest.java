package dev.shadowplane.dataplane.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every wrong configuration is answered with one line: file, line, key, value, remedy. */
final class WrongConfigTest {
  private static final String RIGHT =
      """
      directory: /run/sp
      state: /var/lib/sp
      eal: { hugepages: none, memory-mb: 256 }
      mbufs: 4095
      ports:
        - { name: a, device: net_null }
        - { name: b, device: "net_af_packet,iface=eth7" }
        - { name: m, device: net_null, mtu: 1500 }
      workers:
        - core: 1
          forward: [[a, b]]
      records: true
      record-ring-bytes: 65536
      rules:
        - name: web
          priority: 1
          match: { protocol: tcp, source: 10.0.0.0/8, destination-ports: "80,443" }
          percent: 10
          targets: ["port:m"]
      """;

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("sp.yaml"), text);
  }

  private static String refusal(Path file) {
    final String[] message = {""};
    assertThatThrownBy(() -> DataPlaneConfigReader.read(file))
        .isInstanceOfSatisfying(
            ConfigException.class, e -> message[0] = String.valueOf(e.getMessage()));
    assertThat(message[0].lines()).as("one line").hasSize(1);
    assertThat(message[0]).startsWith(file.toString()).hasSizeLessThan(600);
    assertThat(message[0].chars().anyMatch(Character::isISOControl)).isFalse();
    return message[0].substring(file.toString().length());
  }

  @Test
  void theBaseIsRight() throws IOException {
    final DataPlaneConfig config = DataPlaneConfigReader.read(file(RIGHT));
    assertThat(config.ports())
        .containsExactly(
            new PortConfig("a", "net_null", 0, 1_024, 1_024),
            new PortConfig("b", "net_af_packet,iface=eth7", 0, 1_024, 1_024),
            new PortConfig("m", "net_null", 1_500, 1_024, 1_024));
    assertThat(config.workers())
        .containsExactly(new WorkerConfig(1, List.of(new ForwardPair("a", "b"))));
    assertThat(config.eal()).isEqualTo(new EalConfig(EalConfig.Hugepages.NONE, 256));
    assertThat(config.rules())
        .containsExactly(
            new Rule(
                "web",
                1,
                MatchReader.read(
                    "expected", "{ source: 10.0.0.0/8, protocol: 6, destination-ports: '80,443' }"),
                10,
                List.of(new RuleTarget.Port("m"))));
  }

  /** What is replaced, by what, and the answer behind the file's name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
"""
          mbufs: 4095 | mbuffs: 4095 | :4: mbuffs: is not a key here: use one of ports, workers, directory, state, eal, mbufs, mbuf-data-bytes, records, record-ring-bytes, journal, rules, flow-hash-key, header-mbufs, collectors, rewrites, counters, anonymisations, replay
          memory-mb: 256 | memory: 256 | :3: eal.memory: is not a key here: use one of hugepages, memory-mb
          name: m, | nam: m, | :8: ports[2].name: is missing: add it
          device: net_null, mtu | mtu | :8: ports[2].device: is missing: add it
          name: m, | name: a, | :8: ports[2].name: a names two ports: rename one
          name: m, | name: "a b", | :8: ports[2].name: a b: use up to 63 letters, digits, - and _, the first a letter or digit
          device: net_null, mtu | device: "net_af_packet,iface=eth7,framesz=4096", mtu | :8: ports[2].device: net_af_packet,iface=eth7,framesz=4096: is used by port b already: give each port its own device
          device: net_null, mtu | device: "net_pcap,iface=eth7", mtu | :8: ports[2].device: net_pcap,iface=eth7: is used by port b already: give each port its own device
          mtu: 1500 | mtu: 9601 | :8: ports[2].mtu: 9601: give a whole number from 0 to 9600
          mtu: 1500 | mtu: big | :8: ports[2].mtu: big: give a whole number from 0 to 9600
          mtu: 1500 | mtu: [1500] | :8: ports[2].mtu: is not a single value
          mtu: 1500 | mtu: "" | :8: ports[2].mtu: is blank: give it a value or leave it out
          mtu: 1500 | mtu: 1, mtu: 2 | :8: ports[2].mtu: is there twice: keep one
          mbufs: 4095 | mbufs: 99999999999999999999 | :4: mbufs: 99999999999999999999: give a whole number from 1024 to 67108864
          core: 1 | core: -2 | :10: workers[0].core: -2: give a whole number from -1 to 1023
          [[a, b]] | [[a, c]] | :11: workers[0].forward: c: is not a port: name one of a, b, m
          [[a, b]] | [[a, a]] | :11: workers[0].forward: [a, a]: name two ports
          [[a, b]] | [[a, b], [b, a]] | :11: workers[0].forward: [b, a]: is there twice: keep one
          [[a, b]] | [[a, b], [b, m]] | :11: workers[0].forward: b is forwarded to a already: a port belongs to one pair
          [[a, b]] | [[a, b, m]] | :11: workers[0].forward: [a, b, m]: give pairs of two port names
          [[a, b]] | [a, b] | :11: workers[0].forward: is not a list: write it as [a, b] or as lines that begin with -
          [[a, b]] | [] | :11: workers[0].forward: names no pair: give the worker something to forward
          device: net_null, mtu: 1500 | device: net_null, shadow: 1 | :8: ports[2].shadow: 1: give true or false
          name: a, device: net_null | name: a, device: net_null, shadow: true | :11: workers[0].forward: a: has a shadow network behind it: forward between others, or take shadow from the port
          hugepages: none | hugepages: maybe | :3: eal.hugepages: maybe: give auto, required or none
          records: true | records: maybe | :12: records: maybe: give true or false
          records: true | records: [full] | :12: records: is not a mapping: write it as key: value lines
          records: true | records: { profile: fat } | :12: records.profile: fat: give lean, full or adaptive
          records: true | records: { inner: 1 } | :12: records.inner: 1: give true or false
          records: true | records: { profil: full } | :12: records.profil: is not a key here: use one of profile, inner
          65536 | 65537 | :13: record-ring-bytes: 65537: give a power of two
          percent: 10 | percent: 101 | :18: rules[0].percent: 101: give a number from 0 to 100
          percent: 10 | percent: -0.1 | :18: rules[0].percent: -0.1: give a number from 0 to 100
          percent: 10 | percent: NaN | :18: rules[0].percent: NaN: give a number from 0 to 100
          10.0.0.0/8 | 10.0.0.0/33 | :17: rules[0].match.source: 10.0.0.0/33: give a whole number from 0 to 32
          10.0.0.0/8 | 10/8 | :17: rules[0].match.source: 10/8: give an address or prefix as in 10.0.0.0/8 or 2001:db8::/32
          10.0.0.0/8 | 10.0.0.256 | :17: rules[0].match.source: 10.0.0.256: give an address or prefix as in 10.0.0.0/8 or 2001:db8::/32
          10.0.0.0/8 | "::ffff:10.0.0.1" | :17: rules[0].match.source: ::ffff:10.0.0.1: give an address or prefix as in 10.0.0.0/8 or 2001:db8::/32
          10.0.0.0/8 | "fe80::1%lo" | :17: rules[0].match.source: fe80::1%lo: give an address or prefix as in 10.0.0.0/8 or 2001:db8::/32
          10.0.0.0/8 | example.org | :17: rules[0].match.source: example.org: give an address or prefix as in 10.0.0.0/8 or 2001:db8::/32
          10.0.0.0/8 | 10.0.0.0/8, destination: "fd00::/8" | :17: rules[0].match.destination: source and destination are of different IP versions: use two rules
          protocol: tcp, | protocol: tcp, source-mac: 02:00:00:00:00, | :17: rules[0].match.source-mac: 02:00:00:00:00: give six bytes as in 52:54:00:12:34:56
          protocol: tcp, | protocol: tcp, macs: ["02:00:00:00:00:01"], | :17: rules[0].match.macs: give two addresses, and neither source-mac nor destination-mac beside them
          protocol: tcp, | protocol: tcp, vlan: 4095, | :17: rules[0].match.vlan: 4095: give a whole number from 1 to 4094
          protocol: tcp, | protocol: tcpp, | :17: rules[0].match.protocol: tcpp: give a number from 0 to 255 or one of esp, gre, icmp, icmpv6, sctp, tcp, udp
          protocol: tcp, | protocol: icmp, | :17: rules[0].match.protocol: ports are read of tcp and udp only: leave one of them out
          protocol: tcp, | protocol: tcp, direction: back, | :17: rules[0].match.direction: back: give either or forward
          protocol: tcp, | protocol: tcp, ingress: m, | :15: rules: rule web: match.ingress: m is not a port that forwards
          "80,443" | "80-" | :17: rules[0].match.destination-ports: 80-: give ports from 0 to 65535 as in 80,8000-8099
          "80,443" | "443-80" | :17: rules[0].match.destination-ports: 443-80: give ports from 0 to 65535 as in 80,8000-8099
          "80,443" | "65536" | :17: rules[0].match.destination-ports: 65536: give ports from 0 to 65535 as in 80,8000-8099
          name: web | name: web.1 | :15: rules[0].name: web.1: use up to 63 letters, digits, - and _, the first a letter or digit
          "port:m" | "prot:m" | :19: rules[0].targets: prot:m: give journal, or port: and the name of a port, or collector: and the name of a collector
          "port:m" | "port:m", "port:m" | :19: rules[0].targets: port:m: is there twice: keep one
          "port:m" | "port:x" | :15: rules: rule web: targets: port:x is not a port: configure it under ports
          "port:m" | "port:a" | :15: rules: rule web: targets: port:a carries production: mirror to a port that does not forward
          "port:m" | journal | :15: rules: rule web: targets: there is no journal: configure journal.directory
          ["port:m"] | {port: m} | :19: rules[0].targets: is not a list: write it as [a, b] or as lines that begin with -
          priority: 1 | ? [priority] : 1 | : is not YAML: Non scalar key is detected but it is not configured to be allowed.
          records: true | flow-hash-key: 00112233 | :12: flow-hash-key: give 32 hexadecimal digits
""")
  void oneWrongValue(String from, String to, String answer) throws IOException {
    assertThat(RIGHT).contains(from);
    assertThat(refusal(file(RIGHT.replace(from, to)))).isEqualTo(answer);
  }

  /** A device is one however it is spelt. */
  @Test
  void onePciDeviceForTwoPorts() throws IOException {
    final String one = RIGHT.replace("name: a, device: net_null", "name: a, device: \"0A:10.1\"");
    assertThat(refusal(file(one.replace("device: net_null", "device: \"0000:0a:10.1\""))))
        .isEqualTo(
            ":8: ports[2].device: 0000:0a:10.1: is used by port a already:"
                + " give each port its own device");
  }

  static List<List<String>> documents() {
    final StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(9)));
    }
    final String deep = "a: " + "[".repeat(100_000);
    final String deepMappings = "a: " + "{a: ".repeat(50_000);
    return List.of(
        List.of("", ": is empty: write at least one key"),
        List.of("# nothing\n", ": is empty: write at least one key"),
        List.of("- a\n", ":1: is not a mapping: write it as key: value lines"),
        List.of("just words", ":1: is not a mapping: write it as key: value lines"),
        List.of("ports: [", ":1: is not YAML: "),
        List.of("a: b: c", ":1: is not YAML: "),
        List.of("a: \t- b\n\tc: d", ": is not YAML: "),
        List.of("a: b\n---\nc: d", ": is not YAML: "),
        List.of("a: \u0000\u0001", ": is not YAML: "),
        List.of("ports: *nowhere", ":1: is not YAML: "),
        List.of("ports: &p [*p]\n", ""),
        List.of("mbufs: 5\n", ":1: ports: names no port: list at least two"),
        List.of(
            "ports: [{name: a, device: net_null}]",
            ":1: workers: names no worker: add one with a core and a pair of ports"),
        List.of("ports: [{name: \"" + "x".repeat(1_000_000) + "\", device: d}]", ""),
        List.of(
            RIGHT.replace("4095", "\"1\\e[2J\\r\\n" + "9".repeat(100_000) + "\""),
            ":4: mbufs: 1 [2J 9"),
        List.of(RIGHT + "x".repeat(1_000) + ": 1", ":20: " + "x".repeat(80) + "...: is not a key"),
        List.of(RIGHT + "\"a\\e[31m\\u2028b\": 1", ":20: a [31m b: is not a key"),
        List.of("ports: [" + "a,".repeat(1_000_000) + "]", ""),
        List.of(bomb.toString(), ""),
        List.of(deep, ": is not YAML: "),
        List.of(deepMappings, ": is not YAML: "));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("documents")
  void wrongDocuments(List<String> document) throws IOException {
    final String answer = refusal(file(document.get(0)));
    // A line may stand between the file's name and what is wrong.
    assertThat(answer.replaceFirst("^:[0-9]+(?=: is not YAML)", ""))
        .startsWith(document.get(1).replaceFirst("^:[0-9]+(?=: is not YAML)", ""));
  }

  @Test
  void twentyMegabytesAreNotEvenRead() throws IOException {
    final byte[] content = new byte[20 << 20];
    Arrays.fill(content, (byte) '#');
    final Path file = Files.write(folder.resolve("large.yaml"), content);
    assertThat(refusal(file)).isEqualTo(": is larger than 16777216 bytes: split it");
  }

  @Test
  void whatCannotBeReadAsText() throws IOException {
    final Path latin = folder.resolve("latin.yaml");
    Files.write(latin, "state: /f\u00fc".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(refusal(latin)).isEqualTo(": is not UTF-8 text: convert it");
    assertThat(refusal(folder.resolve("none.yaml")))
        .isEqualTo(": cannot be read: there is no such file");
    assertThat(refusal(folder)).isEqualTo(": cannot be read: it is not a file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          encapsulation: vxlan, port: m                     | .vni: is missing: add it
          encapsulation: vxlan, port: m, vni: 16777216      | .vni: 16777216: give a whole number from 0 to 16777215
          encapsulation: gre, port: m, key: -1              | .key: -1: give a whole number from 0 to 4294967295
          encapsulation: erspan2, port: m, session: 1024    | .session: 1024: give a whole number from 0 to 1023
          encapsulation: nvgre, port: m, vni: 1             | .encapsulation: nvgre: give one of vxlan, geneve, gre, erspan2, erspan3
          encapsulation: gre, port: a                       | .port: a: carries production: give a port that does not forward
          encapsulation: gre, port: x                       | .port: x: is not a port: configure it under ports
          encapsulation: gre, port: m, udp-port: 1          | .udp-port: is not a key here
          encapsulation: gre, port: m, mtu: 575             | .mtu: 575: give a whole number from 576 to 65535
          encapsulation: gre, port: m, ttl: 0               | .ttl: 0: give a whole number from 1 to 255
          encapsulation: gre, port: m, dscp: 64             | .dscp: 64: give a whole number from 0 to 63
          encapsulation: gre, port: m, vlan: 4095           | .vlan: 4095: give a whole number from 1 to 4094
          encapsulation: gre, port: m, too-long: drop       | .too-long: drop: give fragment, truncate or refuse
          encapsulation: gre, port: m, next-hop: "fd00::1"  | .next-hop: fd00:0:0:0:0:0:0:1: is of another IP version than source
          encapsulation: gre, port: m, next-hop: host       | .next-hop: host: give an address as in 192.0.2.1 or 2001:db8::1
          encapsulation: gre, port: m, next-hop: 224.0.0.1  | .next-hop: 224.0.0.1: give the unicast address of one host
          encapsulation: gre, port: m, next-hop: 192.0.2.3, next-hop-mac: "02:00:00:00:00:01" | .next-hop: is there beside next-hop-mac: keep one
          encapsulation: gre, port: m, next-hop-mac: "01:00:00:00:00:01" | .next-hop-mac: 01:00:00:00:00:01: give the unicast address of one interface
          """)
  void collectors(String collector, String message) throws IOException {
    final String entry =
        "  - { name: far, source: 192.0.2.1, destination: 192.0.2.2, " + collector + " }";
    assertThat(refusal(file(RIGHT + "collectors:\n" + entry + "\n")))
        .startsWith(":21: collectors[0]" + message);
  }

  @Test
  void aCollectorBehindAShadow() throws IOException {
    final String text = RIGHT.replace("mtu: 1500", "shadow: true");
    final String entry =
        "  - { name: far, source: 192.0.2.1, destination: 192.0.2.2, encapsulation: gre, port: m }";
    assertThat(refusal(file(text + "collectors:\n" + entry + "\n")))
        .isEqualTo(
            ":21: collectors[0].port: m: has a shadow network behind it, whose answers are dropped:"
                + " give another port");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          macs: { x: y }                                  | [0].macs.x: give six bytes as in
          vlans: { 5: 4095 }                              | [0].vlans.5: 4095: give a whole number from 0 to 4094
          addresses: { 10.0.0.0/8: 10.0.0.0/9 }           | [0].addresses: 10.0.0.0/8: 10.0.0.0/9: differ in IP version or length
          addresses: { 10.0.0.1: 10.0.0.2, 10.0.0.1/32: 10.0.0.3 } | [0].addresses.10.0.0.1/32: is there twice: keep one
          colour: red                                     | [0].colour: is not a key here
          """)
  void rewrites(String rewrite, String message) throws IOException {
    assertThat(refusal(file(RIGHT + "rewrites: [{ name: r, " + rewrite + " }]\n")))
        .startsWith(":20: rewrites" + message);
  }

  @Test
  void anonymisations() throws IOException {
    final String set = "anonymisations: [{ name: a, key-file: k }, { name: %s, key-file: k }]\n";
    assertThat(refusal(file(RIGHT + set.formatted("a"))))
        .startsWith(":20: anonymisations[1].name: a names two: rename one");
    final String text = RIGHT.substring(0, RIGHT.indexOf("rules:")) + set.formatted("b");
    assertThat(refusal(file(text + "rules: [{ name: x, targets: ['port:m'], anonymise: b }]\n")))
        .startsWith(
            ":15: rules: rule x: anonymise: is about the journal, and ports and collectors get what"
                + " production sent: add journal as target");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          targets: ["collector:far"]         | : rule x: targets: collector:far is not a collector: configure it under collectors
          targets: ["port:m"], rewrite: map  | : rule x: rewrite: map is not a rewrite: configure it under rewrites
          targets: ["port:m"], anonymise: a  | : rule x: anonymise: a is not an anonymisation: configure it under anonymisations
          targets: [], mark: { dscp: 1 }     | : rule x: mark: is about copies for ports and collectors
          snap-length: 13                    | [0].snap-length: 13: give a whole number from 14 to 65535
          mark: { }                          | [0].mark: marks nothing: give dscp or vlan
          mark: { dscp: 64 }                 | [0].mark.dscp: 64: give a whole number from 0 to 63
          mark: { vlan: 0 }                  | [0].mark.vlan: 0: give a whole number from 1 to 4094
          mark: { tos: 1 }                   | [0].mark.tos: is not a key here
          """)
  void changesOfRules(String rule, String message) throws IOException {
    final String text = RIGHT.substring(0, RIGHT.indexOf("rules:"));
    assertThat(refusal(file(text + "rules: [{ name: x, " + rule + " }]\n")))
        .startsWith(":14: rules" + message);
  }
}
