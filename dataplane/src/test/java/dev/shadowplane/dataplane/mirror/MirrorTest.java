package dev.shadowplane.dataplane.mirror;

import static dev.shadowplane.dataplane.mirror.Traffic.assertFrames;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.TestMbufs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is mirrored, against a model that shares nothing with the packet path. */
final class MirrorTest extends DpdkTest {
  private static final int BURSTS = 120;
  private static final int MOST_BURSTS = 20 * BURSTS;
  private static final RuleTarget SHADOW = new RuleTarget.Port("shadow");
  private static final RuleTarget OTHER = new RuleTarget.Port("other");

  @TempDir private Path root;

  private RingLab lab() {
    return new RingLab(pool(), root, 1_024, "a", "b", "shadow", "other");
  }

  private static Match match(String yaml) {
    return RuleReader.rule(YamlReader.of("test", "{ name: x, match: " + yaml + " }")).match();
  }

  private static Rule rule(String name, int priority, Match match, RuleTarget... targets) {
    return new Rule(name, priority, match, 100, List.of(targets));
  }

  private static void assertLedger(
      RingLab lab, Rule rule, long matched, long filtered, RuleTarget target, long mirrored) {
    final String label = "rule." + rule.name() + ".";
    assertThat(lab.counter(label + "matched")).isEqualTo(matched);
    assertThat(lab.counter(label + "filtered")).isEqualTo(filtered);
    assertThat(lab.counter(label + "mirrored." + target)).isEqualTo(mirrored);
    assertThat(
            lab.counter(label + "shed." + target + ".ring-full")
                + lab.counter(label + "shed." + target + ".frame-too-long"))
        .as("shed")
        .isEqualTo(matched - filtered - mirrored);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{ macs: ['02:00:00:00:fe:01', '02:00:00:00:fe:02'] }",
        "{ macs: ['02:00:00:00:fe:01', '02:00:00:00:fe:02'], direction: forward }",
        "{ source-mac: '02-00-00-00-FE-03' }",
        "{ destination-mac: '02:00:00:00:fe:03', direction: forward }",
        "{ vlan: 3 }",
        "{ source: 10.0.0.1 }",
        "{ source: 10.0.0.0/9, direction: forward }",
        "{ source: 10.0.0.0/9, destination: 192.0.2.2/31 }",
        "{ source: 0.0.0.0/0 }",
        "{ destination: 10.0.1.200, direction: forward }",
        "{ source: '2001:db8::/64' }",
        "{ source: '2001:db8::/65', direction: forward }",
        "{ source: '::/0' }",
        "{ source: '2001:db8::2', destination: 'fd00::/8', direction: forward }",
        "{ protocol: tcp }",
        "{ protocol: 0 }",
        "{ protocol: icmpv6 }",
        "{ source-ports: '80' }",
        "{ destination-ports: '80', direction: forward }",
        "{ destination-ports: '0-79,81,400-65535', protocol: udp }",
        "{ source-ports: '0', destination-ports: '0-65535' }",
        "{ source-ports: '53', destination-ports: '443', direction: forward }",
        "{ ingress: b }",
        "{ hosts: [10.0.0.1, 192.0.2.2] }",
        "{ source: [10.0.0.0/30, 'fd00::/8'], destination: [192.0.2.0/24, '2001:db8::/32'] }",
        "{ tcp-flags: 'syn,!ack' }",
        "{ dscp: 46 }",
        "{ vlan: 2, inner-vlan: 3 }",
        "{ tunnel: {} }",
        "{ tunnel: { type: geneve, vni: 2 } }",
        "{ inner: { protocol: tcp, source: 10.0.0.0/8, direction: forward } }",
        "{ protocol: tcp, not: { destination-ports: '80' } }",
        "{ not: { inner: { not: { vlan: 1 } } } }",
        "{ ingress: a, source: 10.0.0.0/24, direction: forward, protocol: tcp, vlan: 2 }",
      })
  void eachSelectorAlone(String yaml) throws IOException {
    final long seed = System.nanoTime();
    System.out.println("MirrorTest " + yaml + " seed " + seed);
    final Rule rule = rule("one", 0, match(yaml), SHADOW);
    try (RingLab lab = lab()) {
      lab.embed(lab.config(rule));
      final Traffic traffic = new Traffic(lab);
      traffic.run(new RandomFrames(seed), new SplittableRandom(seed), 20);
      final List<byte[]> mirrored = lab.receive("shadow");
      List<byte[]> expected = List.of();
      // A narrow selector may need more random frames than others to be about any at all.
      for (int i = 20; i < BURSTS || (expected.isEmpty() && i < MOST_BURSTS); i += 20) {
        traffic.run(new RandomFrames(seed + i), new SplittableRandom(seed + i), 20);
        mirrored.addAll(lab.receive("shadow"));
        expected = traffic.decidedBy(rule, List.of(rule));
      }
      traffic.assertForwarded();
      assertThat(expected).as("matching frames, seed %d", seed).isNotEmpty();
      assertFrames("mirrored, seed " + seed, mirrored, expected);
      assertLedger(lab, rule, expected.size(), 0, SHADOW, expected.size());
      assertThat(lab.receive("other")).isEmpty();
      assertThat(lab.counter("port.a.rx-packets") + lab.counter("port.b.rx-packets"))
          .isEqualTo(traffic.sent().size());
      assertThat(lab.counter("port.a.tx-packets") + lab.counter("port.b.tx-packets"))
          .isEqualTo(traffic.sent().size());
    }
  }

  @Test
  void priorityDecidesAndARuleWithoutTargetsExempts() throws IOException {
    final long seed = System.nanoTime();
    System.out.println("MirrorTest priorities seed " + seed);
    final Rule tcp = rule("tcp", 5, match("{ protocol: tcp }"), SHADOW, OTHER);
    final Rule exempt = rule("exempt", 9, match("{ source: 10.0.0.0/24 }"));
    final Rule udp = rule("udp", 5, match("{ protocol: udp }"), OTHER);
    final Rule hidden = rule("hidden", 5, match("{ protocol: udp, vlan: 3 }"), SHADOW);
    final Rule rest = rule("rest", -1, Match.ALL, SHADOW);
    final List<Rule> rules = List.of(rest, tcp, exempt, udp, hidden);
    try (RingLab lab = lab()) {
      lab.embed(lab.config(rules.toArray(Rule[]::new)));
      final Traffic traffic = new Traffic(lab);
      final List<byte[]> shadow = new ArrayList<>();
      final List<byte[]> other = new ArrayList<>();
      for (int i = 0; i < BURSTS; i += 20) {
        traffic.run(new RandomFrames(seed + i), new SplittableRandom(seed + i), 20);
        shadow.addAll(lab.receive("shadow"));
        other.addAll(lab.receive("other"));
      }
      traffic.assertForwarded();
      final Set<byte[]> ofTcp = identity(traffic.decidedBy(tcp, rules));
      final Set<byte[]> ofUdp = identity(traffic.decidedBy(udp, rules));
      final Set<byte[]> ofRest = identity(traffic.decidedBy(rest, rules));
      assertFrames("shadow, seed " + seed, shadow, ordered(traffic, ofTcp, ofRest));
      assertFrames("other, seed " + seed, other, ordered(traffic, ofTcp, ofUdp));
      assertLedger(lab, tcp, ofTcp.size(), 0, OTHER, ofTcp.size());
      assertLedger(lab, udp, ofUdp.size(), 0, OTHER, ofUdp.size());
      assertThat(lab.counter("rule.exempt.matched"))
          .isEqualTo(traffic.decidedBy(exempt, rules).size());
      assertThat(lab.counter("rule.hidden.matched")).isZero();
    }
  }

  private static Set<byte[]> identity(List<byte[]> frames) {
    final Set<byte[]> set = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    set.addAll(frames);
    return set;
  }

  private static List<byte[]> ordered(Traffic traffic, Set<byte[]> one, Set<byte[]> two) {
    return traffic.sent().stream()
        .map(Traffic.Sent::frame)
        .filter(frame -> one.contains(frame) || two.contains(frame))
        .toList();
  }

  /** A flow is taken or left as a whole, and what a lower percentage takes, a higher one takes. */
  @Test
  void percentagesTakeWholeFlowsAndGrow() throws IOException {
    final List<Set<Integer>> taken = new ArrayList<>();
    for (double percent : new double[] {0, 0.5, 10, 20, 100}) {
      final Rule rule = new Rule("some", 0, Match.ALL, percent, List.of(SHADOW));
      // Folders of its own: rules of the lab before would be resumed.
      try (RingLab lab =
          new RingLab(pool(), root.resolve("at" + percent), 1_024, "a", "b", "shadow")) {
        lab.embed(lab.config(rule));
        final List<byte[]> mirrored = new ArrayList<>();
        for (int flow = 0; flow < 2_000; flow++) {
          lab.send("a", packet(flow, false), packet(flow, false));
          lab.send("b", packet(flow, true));
          lab.work();
          mirrored.addAll(lab.receive("shadow"));
          assertThat(lab.receive("b")).hasSize(2);
          assertThat(lab.receive("a")).hasSize(1);
        }
        final Set<Integer> flows = new HashSet<>();
        for (int i = 0; i < mirrored.size(); i += 3) {
          final int flow = ByteBuffer.wrap(mirrored.get(i)).getShort(34);
          assertFrames(
              percent + " % of flow " + flow,
              mirrored.subList(i, i + 3),
              List.of(packet(flow, false), packet(flow, false), packet(flow, true)));
          flows.add(flow);
        }
        assertThat(flows).hasSize(mirrored.size() / 3);
        assertLedger(lab, rule, 6_000, 6_000 - mirrored.size(), SHADOW, mirrored.size());
        taken.add(flows);
      }
    }
    assertThat(taken.get(0)).isEmpty();
    assertThat(taken.get(1)).hasSizeBetween(1, 40);
    assertThat(taken.get(2)).containsAll(taken.get(1)).hasSizeBetween(140, 260);
    assertThat(taken.get(3)).containsAll(taken.get(2)).hasSizeBetween(310, 490);
    assertThat(taken.get(4)).hasSize(2_000);
  }

  private static byte[] packet(int flow, boolean back) {
    return back
        ? Frames.ethernet().ipv4("10.0.0.2", "10.0.0.1").tcp(80, flow, Frames.ACK).bytes()
        : Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").tcp(flow, 80, Frames.ACK).bytes();
  }

  /** Nobody drains the shadow: it sheds, counted, and production loses nothing. */
  @ParameterizedTest
  @ValueSource(doubles = {100, 60})
  void aFullMirrorShedsAndProductionDoesNot(double percent) throws IOException {
    final long seed = System.nanoTime();
    System.out.println("MirrorTest full seed " + seed);
    final Rule rule = new Rule("all", 0, Match.ALL, percent, List.of(SHADOW, OTHER));
    try (RingLab lab = new RingLab(pool(), root, 64, "a", "b", "shadow", "other")) {
      lab.embed(lab.config(rule));
      final Traffic traffic = new Traffic(lab);
      final List<byte[]> other = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        traffic.run(new RandomFrames(seed + i), new SplittableRandom(seed + i), 1);
        other.addAll(lab.receive("other"));
      }
      traffic.assertForwarded();
      final List<byte[]> shadow = lab.receive("shadow");
      assertThat(shadow).hasSize(63);
      assertFrames("before the ring was full, seed " + seed, shadow, other.subList(0, 63));
      final long matched = traffic.sent().size();
      final long filtered = lab.counter("rule.all.filtered");
      assertThat(filtered).isEqualTo(matched - other.size());
      assertLedger(lab, rule, matched, filtered, SHADOW, 63);
      assertLedger(lab, rule, matched, filtered, OTHER, other.size());
      assertThat(lab.counter("rule.all.shed.port:shadow.ring-full")).isEqualTo(other.size() - 63L);
      assertThat(lab.counter("port.b.shed.tx-full") + lab.counter("port.a.shed.tx-full")).isZero();
      // Drained, it mirrors again.
      traffic.run(new RandomFrames(seed), new SplittableRandom(seed), 1);
      assertFrames("after, seed " + seed, lab.receive("shadow"), lab.receive("other"));
    }
  }

  /** A full egress is counted under its name and gives every mbuf back. */
  @Test
  void aFullEgressIsCounted() throws IOException {
    try (RingLab lab = new RingLab(pool(), root, 64, "a", "b", "shadow")) {
      lab.embed(lab.config(rule("all", 0, Match.ALL, SHADOW)));
      final List<byte[]> mirrored = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        lab.send("a", packet(i, false), packet(i + 100, false));
        for (int k = 0; k < 10; k++) {
          lab.send("a", packet(i, false));
        }
        lab.work();
        mirrored.addAll(lab.receive("shadow"));
      }
      assertThat(mirrored).as("the mirror got what production shed").hasSize(120);
      assertFrames("production", lab.receive("b"), mirrored.subList(0, 63));
      assertThat(lab.counter("port.b.shed.tx-full")).isEqualTo(57);
      assertThat(lab.counter("port.b.tx-packets")).isEqualTo(63);
    }
  }

  /** A driver has taken tags off: they are put back before the frame is shared. */
  @ParameterizedTest
  @ValueSource(strings = {"{}", "{ vlan: 7 }"})
  void strippedTagsArePutBack(String yaml) throws IOException {
    final Rule rule = rule("tagged", 0, match(yaml), SHADOW);
    try (RingLab lab = lab()) {
      lab.embed(lab.config(rule));
      final byte[] plain = Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
      final byte[] one = Frames.ethernet().vlan(7).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
      final byte[] two =
          Frames.ethernet().qinq(7).vlan(9).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
      final byte[] runt = Arrays.copyOf(plain, 10);
      final long single = lab.mbuf(plain, 30);
      TestMbufs.stripVlan(single, 7);
      final long twice = lab.mbuf(plain, 2_000);
      TestMbufs.stripQinq(twice, 7, 9);
      final long tooShort = lab.mbuf(runt, 2_000);
      TestMbufs.stripVlan(tooShort, 7);
      lab.add(single);
      lab.add(tooShort);
      lab.add(twice);
      lab.add(lab.mbuf(one, 2_000));
      lab.flush("a");
      lab.work();
      assertFrames("mirrored", lab.receive("shadow"), List.of(one, two, one));
      assertFrames("forwarded", lab.receive("b"), List.of(one, runt, two, one));
      assertLedger(lab, rule, 3, 0, SHADOW, 3);
      assertThat(lab.counter("port.a.unshareable")).isEqualTo(1);
      assertThat(lab.counter("port.a.malformed")).isEqualTo(1);
    }
  }

  @Test
  void malformedFramesAreCountedAndForwarded() throws IOException {
    try (RingLab lab = lab()) {
      lab.embed(lab.config(rule("all", 0, match("{ protocol: tcp }"), SHADOW)));
      final byte[] whole = packet(1, false);
      final List<byte[]> cut = new ArrayList<>();
      for (int length = 1; length <= whole.length; length++) {
        cut.add(Arrays.copyOf(whole, length));
        lab.send("a", cut.getLast());
        lab.work();
      }
      assertFrames("forwarded", lab.receive("b"), cut);
      // All but the last: the IP header claims more than there is.
      assertThat(lab.counter("port.a.malformed")).isEqualTo(whole.length - 1L);
      assertFrames("tcp", lab.receive("shadow"), cut.subList(33, cut.size()));
    }
  }
}
