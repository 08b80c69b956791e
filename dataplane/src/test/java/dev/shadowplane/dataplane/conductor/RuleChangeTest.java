package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleSet;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dataplane.telemetry.Reply;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that change while traffic runs, and outlive what happens to the process. */
final class RuleChangeTest extends DpdkTest {
  private static final int CHANGES = 200;
  private static final int PORTS = 8;
  private static final RuleTarget SHADOW = new RuleTarget.Port("shadow");

  @TempDir private Path root;

  private RingLab lab() {
    return new RingLab(pool(), root, 1_024, "a", "b", "shadow");
  }

  private static Rule rule(String name, int port) {
    final Match match =
        RuleReader.rule(
                YamlReader.of(
                    "x",
                    "{name: x, match: {destination-ports: '%d', direction: forward}}"
                        .formatted(port)))
            .match();
    return new Rule(name, 0, match, 100, List.of(SHADOW));
  }

  static Rule rule(int port) {
    return rule("port-" + port, port);
  }

  static byte[] frame(int serial) {
    return Frames.ethernet()
        .ipv4("10.0.0.1", "10.0.0.2")
        .udp(40_000, serial % PORTS)
        .payload(new byte[] {(byte) (serial >> 16), (byte) (serial >> 8), (byte) serial})
        .bytes();
  }

  private static List<Rule> inForce(String reply) {
    return RuleReader.ruleSet(YamlReader.of("reply", reply)).rules();
  }

  /** What a change asks for, and what is in force afterwards. */
  private record Change(CommandType type, String body, List<Rule> after) {}

  private static Change change(List<Rule> before, SplittableRandom random) {
    final List<Rule> after = new ArrayList<>(before);
    final Rule rule = rule(random.nextInt(PORTS));
    if (random.nextInt(5) == 0) {
      after.clear();
      for (int port = 0; port < PORTS; port++) {
        if (random.nextBoolean()) {
          after.add(rule(port));
        }
      }
      final String rules = RuleWriter.write(new RuleSet(0, after)).replace("\"version\":0,", "");
      return new Change(CommandType.RULES_REPLACE, rules, after);
    }
    if (after.remove(rule)) {
      return new Change(CommandType.RULE_REMOVE, "{name: " + rule.name() + "}", after);
    }
    after.add(rule);
    return new Change(CommandType.RULE_ADD, RuleWriter.write(rule), after);
  }

  @Test
  void noFrameIsLostReorderedOrMirroredWrongly() throws IOException {
    final long seed = System.nanoTime();
    System.out.println("RuleChangeTest seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    try (RingLab lab = lab()) {
      lab.embed(lab.config());
      try (TestControl control = new TestControl(lab)) {
        List<Rule> rules = List.of();
        int serial = 0;
        for (int i = 0; i < CHANGES; i++) {
          final Change change = change(rules, random);
          final CompletableFuture<Reply> reply =
              control.client.submit(change.type(), change.body());
          boolean done = false;
          for (int after = 0; after < 3; after += done ? 1 : 0) {
            final List<byte[]> burst = new ArrayList<>();
            for (int n = random.nextInt(1, 20); n > 0; n--) {
              burst.add(frame(serial++));
            }
            lab.send("a", burst.toArray(byte[][]::new));
            lab.work();
            final List<byte[]> mirrored = lab.receive("shadow");
            final List<byte[]> byNew = chosen(burst, change.after());
            // A burst is mirrored by one set: the old one may be used until the reply has come.
            if (done || !same(mirrored, chosen(burst, rules))) {
              Traffic.assertFrames("change " + i + ", seed " + seed, mirrored, byNew);
            }
            // However long the change takes: the ring behind the port must not fill up.
            Traffic.assertFrames("production, seed " + seed, lab.receive("b"), burst);
            control.client.doWork();
            done = reply.isDone();
          }
          assertThat(reply.join().status()).as(reply.join().text()).isEqualTo(ReplyStatus.OK);
          assertThat(inForce(reply.join().text())).isEqualTo(change.after());
          rules = change.after();
        }
        assertCounters(lab, rules);
      }
    }
  }

  private static List<byte[]> chosen(List<byte[]> frames, List<Rule> rules) {
    return frames.stream().filter(frame -> rules.contains(rule(frame[37]))).toList();
  }

  private static boolean same(List<byte[]> one, List<byte[]> two) {
    return one.size() == two.size()
        && java.util.stream.IntStream.range(0, one.size())
            .allMatch(i -> java.util.Arrays.equals(one.get(i), two.get(i)));
  }

  /** Counters of rules in force are there, those of all others are not. */
  static void assertCounters(RingLab lab, List<Rule> rules) {
    for (int i = 0; i < 4; i++) {
      lab.work();
    }
    final List<String> labels = new ArrayList<>();
    CountersView.open(lab.run())
        .forEach((id, type, label, value) -> {
          if (label.startsWith("rule.")) {
            labels.add(label);
          }
        });
    final List<String> expected = new ArrayList<>();
    for (Rule rule : rules) {
      for (String what :
          List.of(
              "revision",
              "matched",
              "filtered",
              "mirrored.port:shadow",
              "shed.port:shadow.ring-full",
              "shed.port:shadow.frame-too-long")) {
        expected.add("rule." + rule.name() + "." + what);
      }
    }
    assertThat(labels).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void aRuleThatIsKeptGoesOnCountingAndOneThatIsGoneIsFreed() throws IOException {
    try (RingLab lab = lab()) {
      lab.embed(lab.journaling(1 << 20, rule(1), rule("gone", 2)));
      try (TestControl control = new TestControl(lab)) {
        lab.send("a", frame(1), frame(2), frame(9));
        lab.work();
        final String journaled =
            RuleWriter.write(
                new Rule("journaled", 0, rule(3).match(), 100, List.of(RuleTarget.JOURNAL)));
        control.command(CommandType.RULE_ADD, journaled);
        control.command(CommandType.RULE_REMOVE, "{name: gone}");
        // Two changes in adjoining duty cycles: none of the sets between may leave a counter.
        final var one = control.client.submit(CommandType.RULE_REMOVE, "{name: journaled}");
        final var two = control.client.submit(CommandType.RULE_ADD, RuleWriter.write(rule(4)));
        final var three = control.client.submit(CommandType.RULE_REMOVE, "{name: port-4}");
        control.client.doWork();
        lab.until(
            "replies",
            () -> control.client.doWork() >= 0 && one.isDone() && two.isDone() && three.isDone());
        lab.send("a", frame(17), frame(2));
        lab.work();
        assertThat(lab.counter("rule.port-1.matched")).isEqualTo(3);
        lab.until(
            "gone counters",
            () ->
                List.of("gone", "journaled", "port-4").stream()
                    .allMatch(
                        name -> labels(lab).noneMatch(label -> label.startsWith("rule." + name))));
        Traffic.assertFrames(
            "mirrored", lab.receive("shadow"), List.of(frame(1), frame(2), frame(9), frame(17)));
        Traffic.assertFrames(
            "forwarded",
            lab.receive("b"),
            List.of(frame(1), frame(2), frame(9), frame(17), frame(2)));
      }
    }
  }

  private static java.util.stream.Stream<String> labels(RingLab lab) {
    final List<String> labels = new ArrayList<>();
    CountersView.open(lab.run()).forEach((id, type, label, value) -> labels.add(label));
    return labels.stream();
  }

  @Test
  void aRefusedCommandChangesNothing() throws IOException {
    try (RingLab lab = lab()) {
      lab.embed(lab.config(rule(1)));
      try (TestControl control = new TestControl(lab)) {
        final String before = control.command(CommandType.RULES_LIST, "").text();
        final byte[] persisted = Files.readAllBytes(root.resolve("state/rules.json"));
        final Map<String, String> wrong =
            Map.of(
                "{name: r, percent: 101}", "command:1: percent: 101: give a number from 0 to 100",
                "{name: r, targets: ['port:b']}",
                    "rule r: targets: port:b carries production: mirror to a port that does not forward",
                "{name: r, targets: [journal]}",
                    "rule r: targets: there is no journal: configure journal.directory",
                "{name: r, match: {vlan: 0}}",
                    "command:1: match.vlan: 0: give a whole number from 1 to 4094",
                "{name: r, match: {ingress: shadow}}",
                    "rule r: match.ingress: shadow is not a port that forwards",
                "", "command: is empty: write at least one key");
        wrong.forEach((body, answer) ->
            assertThat(control.command(CommandType.RULE_ADD, body))
                .isEqualTo(new Reply(ReplyStatus.INVALID, answer)));
        final Reply deep = control.command(CommandType.RULE_ADD, "a: " + "[".repeat(100_000));
        assertThat(deep.status()).isEqualTo(ReplyStatus.INVALID);
        assertThat(deep.text()).contains("nested too deeply");
        assertThat(control.command(CommandType.RULE_ADD, RuleWriter.write(rule(1))).status())
            .isEqualTo(ReplyStatus.CONFLICT);
        assertThat(control.command(CommandType.RULE_REMOVE, "{name: none}"))
            .isEqualTo(new Reply(ReplyStatus.NOT_FOUND, "there is no rule none"));
        assertThat(control.command(CommandType.RULES_REPLACE, "{if-version: 7, rules: []}"))
            .isEqualTo(
                new Reply(
                    ReplyStatus.CONFLICT, "the rules have version 1, not 7: read them again"));
        assertThat(control.command(CommandType.RULES_REPLACE, "{if-version: x, rules: []}").text())
            .isEqualTo("command:1: if-version: x: give a whole number from 0 on");
        assertThat(control.command(CommandType.RULES_LIST, "").text()).isEqualTo(before);
        assertThat(Files.readAllBytes(root.resolve("state/rules.json"))).isEqualTo(persisted);
        assertCounters(lab, List.of(rule(1)));
        assertThat(lab.log()).isEmpty();
      }
    }
  }

  /** Counters run out before rules do: the set is refused as a whole, and not persisted. */
  @Test
  void aSetThatNeedsMoreCountersThanThereAreChangesNothing() throws IOException {
    final StringBuilder many = new StringBuilder("rules:\n");
    for (int i = 0; i < RuleReader.MAX_RULES; i++) {
      many.append("- {name: r")
          .append(i)
          .append(", match: {destination-ports: ")
          .append(i)
          .append("}, targets: [journal, 'port:shadow']}\n");
    }
    try (RingLab lab = lab()) {
      lab.embed(lab.journaling(1 << 20, rule(1)));
      try (TestControl control = new TestControl(lab)) {
        final String before = control.command(CommandType.RULES_LIST, "").text();
        final byte[] persisted = Files.readAllBytes(root.resolve("state/rules.json"));
        final List<String> counters = labels(lab).toList();
        final Reply reply = control.command(CommandType.RULES_REPLACE, many.toString());
        assertThat(reply.status()).isEqualTo(ReplyStatus.FAILED);
        assertThat(reply.text()).contains("no room for counter").hasLineCount(1);
        for (int i = 0; i < 4; i++) {
          lab.work();
        }
        assertThat(control.command(CommandType.RULES_LIST, "").text()).isEqualTo(before);
        assertThat(Files.readAllBytes(root.resolve("state/rules.json"))).isEqualTo(persisted);
        assertThat(labels(lab)).containsExactlyInAnyOrderElementsOf(counters);
      }
    }
  }

  /** The normal size: read, tried, put in force while frames flow, listed, persisted, replaced. */
  @Test
  void tenThousandRulesReplaceOneAnotherAtOnce() throws IOException {
    try (RingLab lab = lab()) {
      lab.embed(lab.config());
      try (TestControl control = new TestControl(lab)) {
        final String first = many(RuleReader.MAX_RULES);
        final Reply tried = control.command(CommandType.RULES_REPLACE, "dry-run: true\n" + first);
        assertThat(tried.status()).as(tried.text()).isEqualTo(ReplyStatus.OK);
        assertThat(control.command(CommandType.RULES_LIST, "")).isEqualTo(tried);
        final Reply applied = control.command(CommandType.RULES_REPLACE, first);
        assertThat(applied.status()).isEqualTo(ReplyStatus.OK);
        assertThat(RuleReader.ruleSet(YamlReader.of("reply", applied.text())).rules())
            .hasSize(RuleReader.MAX_RULES);
        final byte[] last = frame("10.39.15.9");
        lab.send("a", last, frame("10.40.0.1"));
        lab.work();
        assertThat(lab.receive("shadow")).containsExactly(last);
        assertThat(lab.counter("rule.a9999.matched")).isEqualTo(1);
        final Reply refused =
            control.command(
                CommandType.RULES_REPLACE,
                many(RuleReader.MAX_RULES - 1) + "- {name: bad, match: {filter: 'tcp and'}}\n");
        assertThat(refused.status()).isEqualTo(ReplyStatus.INVALID);
        assertThat(refused.text())
            .startsWith("rule bad: match.filter: pcap_compile(tcp and) failed: ");
        assertThat(control.command(CommandType.RULES_LIST, "")).isEqualTo(applied);
        assertThat(control.command(CommandType.RULES_REPLACE, "rules: []").status())
            .isEqualTo(ReplyStatus.OK);
      }
    }
  }

  private static byte[] frame(String source) {
    return Frames.ethernet().ipv4(source, "192.0.2.1").tcp(4_000, 80, Frames.ACK).bytes();
  }

  private static String many(int count) {
    final StringBuilder rules = new StringBuilder("rules:\n");
    for (int i = 0; i < count; i++) {
      rules.append(
          String.format(
              "- {name: a%d, match: {source: 10.%d.%d.0/24, protocol: tcp}, targets: ['port:shadow']}\n",
              i, i >> 8, i & 0xff));
    }
    return rules.toString();
  }

  @Test
  void rulesOutliveTheDataPlane() throws IOException {
    try (RingLab lab = lab()) {
      lab.embed(lab.config(rule(1)));
      try (TestControl control = new TestControl(lab)) {
        control.command(CommandType.RULE_ADD, RuleWriter.write(rule(2)));
        control.command(CommandType.RULE_REMOVE, "{name: port-1}");
      }
    }
    try (RingLab lab = lab()) {
      // What the configuration says counts at the first start only.
      lab.embed(lab.config(rule(1)));
      lab.send("a", frame(1), frame(2), frame(3));
      lab.work();
      Traffic.assertFrames("mirrored", lab.receive("shadow"), List.of(frame(2)));
      assertThat(lab.receive("b")).hasSize(3);
      try (TestControl control = new TestControl(lab)) {
        assertThat(
                RuleReader.ruleSet(
                    YamlReader.of("r", control.command(CommandType.RULES_LIST, "").text())))
            .isEqualTo(new RuleSet(3, List.of(rule(2))));
      }
    }
  }

  @Test
  void damagedRulesAreNamedInOneLine() throws IOException {
    final Path file = Files.createDirectories(root.resolve("state")).resolve("rules.json");
    final String remedy = " (persisted rules: mend or remove this file)";
    Files.writeString(file, "{\"version\":3,\"rules\":[{\"name\"");
    assertRefused(file + ":1: is not YAML: ", remedy);
    Files.writeString(file, "{\"version\":3,\"rules\":[{\"name\":\"x\",\"percent\":200}]}");
    assertRefused(file + ":1: rules[0].percent: 200: give a number from 0 to 100", remedy);
    Files.write(file, new byte[1_000]);
    assertRefused(file + ": is not YAML: ", remedy);
    final Rule lost = new Rule("x", 0, Match.ALL, 1, List.of(new RuleTarget.Port("lost")));
    Files.writeString(file, RuleWriter.write(new RuleSet(3, List.of(lost))));
    assertRefused(
        file + ": rule x: targets: port:lost is not a port: configure it under ports", remedy);
  }

  private void assertRefused(String start, String end) {
    try (RingLab lab = lab()) {
      assertThatThrownBy(() -> lab.embed(lab.config()))
          .isInstanceOfSatisfying(
              ConfigException.class,
              e -> assertThat(e.getMessage()).startsWith(start).endsWith(end).hasLineCount(1));
      assertThat(lab.log()).isEmpty();
    }
  }
}
