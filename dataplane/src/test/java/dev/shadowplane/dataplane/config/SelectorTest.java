package dev.shadowplane.dataplane.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Selectors that contradict themselves or one another are refused by name, field and reason. */
final class SelectorTest {
  private static final String BASE =
      """
      ports: [{name: a, device: net_null}, {name: b, device: net_null}, {name: m, device: net_null}]
      workers: [{core: 1, forward: [[a, b]]}]
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { protocol: icmp, destination-ports: 80 } | protocol: ports are read of tcp and udp only
          { protocol: udp, tcp-flags: syn } | protocol: tcp-flags are of tcp only
          { tcp-flags: 'syn,sin' } | tcp-flags: syn,sin: give some of fin, syn, rst, psh, ack, urg, ece, cwr
          { tcp-flags: 'syn,!syn' } | tcp-flags: syn,!syn: give some of
          { hosts: [10.0.0.1] } | hosts: give two addresses, and neither source nor destination
          { hosts: [10.0.0.1, '::1'] } | hosts: source and destination are of different IP versions
          { hosts: [10.0.0.1, 10.0.0.2], source: 10.0.0.1 } | hosts: give two addresses
          { source: [10.0.0.1, 10.0.0.1] } | source: 10.0.0.1: is there twice
          { source: 10.0.0.1, destination: ['::/0', 'fd00::/8'] } | destination: source and destination are
          { dscp: 64 } | dscp: 64: give a whole number from 0 to 63
          { inner-vlan: 4095 } | inner-vlan: 4095: give a whole number from 1 to 4094
          { tunnel: { type: gre } } | tunnel.type: gre: give vxlan or geneve
          { tunnel: { vni: 16777216 } } | tunnel.vni: 16777216: give a whole number from 0 to 16777215
          { tunnel: {}, protocol: tcp } | protocol: what carries another packet is udp
          { inner: { tunnel: {} } } | inner.tunnel: is not a key here
          { inner: { inner: {} } } | inner.inner: is not a key here
          { inner: { ingress: a } } | inner.ingress: is not a key here
          { inner: { filter: tcp } } | inner.filter: is not a key here
          { not: {} } | not: excludes every packet: give it a selector
          { protocol: tcp, not: { protocol: tcp } } | not: excludes all that the other selectors leave
          { not: { vlan: 1, not: { vlan: 2, not: { dscp: 1, not: { vlan: 3 } } } } } | lies deeper than 4 levels
          { filter: tcp, vlan: 2 } | filter: stands for all selectors: leave out the others
          """)
  void contradictionsAreRefused(String match, String expected) {
    assertThatThrownBy(() -> MatchReader.read("rules.yaml", match))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("rules.yaml:1: ")
        .hasMessageContaining(expected);
  }

  private static List<String> check(String rules) {
    final DataPlaneConfig config = DataPlaneConfigReader.read(YamlReader.of("c", BASE));
    return RuleCheck.check(RuleReader.rules(YamlReader.of("r", "rules: [" + rules + "]")), config);
  }

  @Test
  void whatNeverDecidesIsRefusedOrWarnedOf() {
    assertThatThrownBy(() -> check("{name: x, match: {vlan: 1}}, {name: y, match: {vlan: 1}}"))
        .hasMessage(
            "rule y: match: rule x takes all that it matches before it, so that it never decides:"
                + " remove one, or give it a higher priority");
    assertThatThrownBy(() -> check("{name: all}, {name: y, match: {vlan: 1}}"))
        .hasMessageContaining("rule y: match: rule all takes all");
    assertThat(check("{name: y, match: {vlan: 1}}, {name: all, priority: 9}"))
        .containsExactly(
            "rule y: match: rule all takes all that it matches before it, so that it never decides:"
                + " remove one");
    assertThat(check("{name: all, priority: -1}, {name: y, match: {vlan: 1}}")).isEmpty();
  }

  @Test
  void limitsNameTheRuleAndTheRemedy() {
    final String prefixes =
        IntStream.range(0, 40)
            .mapToObj(i -> "10.0." + i + ".0/24")
            .collect(Collectors.joining(", "));
    assertThatThrownBy(() ->
            check(
                "{name: wide, match: {source: ["
                    + prefixes
                    + "], destination: ["
                    + prefixes
                    + "]}}"))
        .hasMessage(
            "rule wide: match: stands for 3200 combinations of prefixes, port ranges, protocols and"
                + " directions, and 1024 are allowed: use several rules, or shorter lists");
    final List<String> many = new ArrayList<>();
    for (int i = 0; i <= RuleCheck.MAX_COMPARED; i++) {
      many.add("{name: t" + i + ", match: {tunnel: {vni: " + i + "}}}");
    }
    assertThatThrownBy(() -> check(String.join(", ", many)))
        .hasMessageContaining(
            "rule t256: match: more than 256 rules have tunnel, inner, filter or not");
    assertThatThrownBy(() -> check("{name: n, match: {not: {ingress: m}}}"))
        .hasMessage("rule n: match.ingress: m is not a port that forwards");
  }
}
