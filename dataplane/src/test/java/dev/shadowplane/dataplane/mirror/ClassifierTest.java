package dev.shadowplane.dataplane.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** librte_acl and what is compared beside it, and the comparison one by one, against the model. */
final class ClassifierTest extends DpdkTest {
  private static final int BURST = 32;
  private static final FlowHash HASH = new FlowHash(new byte[FlowHash.KEY_BYTES]);

  static {
    startEal();
  }

  private final long records = NativeMemory.allocate((BURST + 1L) * PacketRecord.LONG_BYTES, 64);
  private final long frameBuffer = NativeMemory.allocate(70_000, 64);
  private final MbufBurst burst = new MbufBurst(BURST);
  private final BurstClassifier classifier = new BurstClassifier(BURST, HASH);

  private static int portIndex(String name) {
    return name.equals("a") ? 3 : 4;
  }

  @Test
  void everySelectorAndAnyNumberOfRulesDecideAsTheModelDoes() {
    final long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("ClassifierTest seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    final RandomMatches matches = new RandomMatches(random);
    int decided = 0;
    for (int round = 0; round < 120; round++) {
      final boolean tuples = random.nextBoolean();
      final Supplier<Match> next = tuples ? matches::tuple : matches::next;
      final int size = random.nextInt(1, 40);
      decided += round(seed, round, rules(size, next, random), random);
    }
    assertThat(decided).as("packets that a rule was about").isGreaterThan(1_000);
  }

  /** Very many of a few kinds. */
  @Test
  void tenThousandTuplesDecideAsTheModelDoes() {
    final long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("ClassifierTest many, seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    final List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      final String text =
          switch (i % 4) {
            case 0 -> "{ source: 10.%d.%d.0/24, protocol: tcp }";
            case 1 -> "{ hosts: [ 10.0.0.1, 192.%d.%d.2 ], destination-ports: '80,443' }";
            case 2 -> "{ source: '2001:db8:%x:%x::/64', protocol: udp, direction: forward }";
            default -> "{ destination: 10.%d.%d.0/25, destination-ports: 53, protocol: udp }";
          };
      rules.add(
          new Rule(
              "r" + i,
              i % 3,
              MatchReader.read("many", String.format(text, random.nextInt(256), i >> 4 & 0xff)),
              100,
              List.of()));
    }
    for (int i = 0; i < 4; i++) {
      rules.addAll(i * 2_000, rules(3, new RandomMatches(random)::tuple, random));
    }
    round(seed, 0, rules, random);
  }

  /** Of few flows, whose packets differ in what some rules look at and others do not. */
  @Test
  void flowsThatWereSeenBeforeAreDecidedAsTheModelDoes() {
    final long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("ClassifierTest again, seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    final List<String> selectors =
        List.of(
            "{ source: 10.0.0.1, destination-ports: 53 }",
            "{ destination: 10.0.0.0/30, direction: forward }",
            "{ protocol: udp, source-ports: 1-53 }",
            "{ vlan: 5 }",
            "{ inner-vlan: 7 }",
            "{ ingress: a, protocol: tcp }",
            "{ dscp: 10 }",
            "{ protocol: tcp, tcp-flags: syn }");
    try (MbufAllocator allocator = new MbufAllocator(pool(), 256)) {
      for (int round = 0; round < 40; round++) {
        // Now and then without what looks at DSCP or flags: packets of a flow are then alike.
        final List<Rule> rules = new ArrayList<>();
        for (String selector : selectors.subList(0, random.nextInt(4, selectors.size() + 1))) {
          final Match match = MatchReader.read("again", selector);
          rules.add(new Rule("r" + rules.size(), random.nextInt(3), match, 100, List.of()));
        }
        try (RuleTable table = new RuleTable(rules, ClassifierTest::portIndex, 0)) {
          for (int i = 0; i < 50; i++) {
            again(table, allocator, random, "seed " + seed + " round " + round);
          }
        }
      }
    }
  }

  private void again(
      RuleTable table, MbufAllocator allocator, SplittableRandom random, String what) {
    final List<byte[]> sent = new ArrayList<>();
    final String port = random.nextBoolean() ? "a" : "b";
    receive(allocator, () -> frameOfFewFlows(random), random, BURST, port, sent);
    final int[] decided = classifier.classify(table, burst, records, BURST);
    for (int k = 0; k < BURST; k++) {
      assertThat(decided[k])
          .as("%s port %s frame %s", what, port, HexFormat.of().formatHex(sent.get(k)))
          .isEqualTo(expected(table.rules(), new FrameModel(sent.get(k), port)));
    }
    burst.free(0, BURST);
  }

  private static byte[] frameOfFewFlows(SplittableRandom random) {
    final Frames frame = Frames.ethernet();
    final int tags = random.nextInt(4);
    if (tags > 1) {
      frame.tag(Frames.TYPE_QINQ, random.nextInt(8) << 13 | random.nextInt(4, 6));
    }
    if (tags > 0) {
      frame.vlan(random.nextInt(8) << 13 | random.nextInt(5, 8));
    }
    frame.ipv4("10.0.0." + random.nextInt(1, 6), "10.0.0." + random.nextInt(1, 6));
    frame.tos(random.nextInt(8, 12) << 2 | random.nextInt(4));
    final int from = random.nextInt(51, 55);
    final int to = random.nextInt(51, 55);
    return (random.nextBoolean() ? frame.udp(from, to) : frame.tcp(from, to, random.nextInt(64)))
        .payload(random.nextInt(40))
        .bytes();
  }

  private static List<Rule> rules(int size, Supplier<Match> next, SplittableRandom random) {
    final List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      final Match match = random.nextInt(60) == 0 ? Match.ALL : next.get();
      rules.add(new Rule("r" + i, random.nextInt(4), match, 100, List.of()));
    }
    return rules;
  }

  private int round(long seed, int round, List<Rule> rules, SplittableRandom random) {
    int decided = 0;
    try (RuleTable acl = new RuleTable(rules, ClassifierTest::portIndex, 0);
        RuleTable linear = new RuleTable(rules, ClassifierTest::portIndex, Integer.MAX_VALUE);
        MbufAllocator allocator = new MbufAllocator(pool(), 256)) {
      final RandomFrames frames = new RandomFrames(random.nextLong());
      for (int i = 0; i < 4; i++) {
        final List<byte[]> sent = new ArrayList<>();
        final int count = random.nextInt(1, BURST + 1);
        final String port = random.nextBoolean() ? "a" : "b";
        receive(allocator, frames::next, random, count, port, sent);
        final int[] byAcl = classifier.classify(acl, burst, records, count).clone();
        final int malformed = classifier.malformedInner();
        final int[] one = classifier.classify(linear, burst, records, count);
        assertThat(malformed).isEqualTo(classifier.malformedInner());
        for (int k = 0; k < count; k++) {
          final int expected = expected(acl.rules(), new FrameModel(sent.get(k), port));
          final String what =
              "seed "
                  + seed
                  + " round "
                  + round
                  + " port "
                  + port
                  + " frame "
                  + HexFormat.of().formatHex(sent.get(k));
          assertThat(one[k]).as(what).isEqualTo(expected);
          assertThat(byAcl[k])
              .as("by ACL, %s; %s, not %s", what, shown(acl, expected), shown(acl, byAcl[k]))
              .isEqualTo(expected);
          decided += expected == RuleTable.NONE ? 0 : 1;
        }
        burst.free(0, count);
      }
    }
    return decided;
  }

  private static String shown(RuleTable table, int rule) {
    return rule == RuleTable.NONE ? "none" : RuleWriter.write(table.rules().get(rule));
  }

  private void receive(
      MbufAllocator allocator,
      Supplier<byte[]> frames,
      SplittableRandom random,
      int count,
      String port,
      List<byte[]> sent) {
    final FrameParser parser = new FrameParser(HASH);
    long record = records;
    for (int i = 0; i < count; i++) {
      final byte[] frame = frames.get();
      sent.add(frame);
      NativeMemory.copy(frame, frameBuffer, frame.length);
      parser.parse(frameBuffer, frame.length, frame.length, portIndex(port), record);
      record += PacketRecord.lengthBytes(NativeMemory.getUnsignedByte(record));
      burst.set(i, mbuf(allocator, frame, random));
    }
  }

  private static long mbuf(MbufAllocator allocator, byte[] frame, SplittableRandom random) {
    final int segment =
        random.nextInt(4) == 0 ? random.nextInt(1 + frame.length / 6, 2_000) : 2_000;
    long head = 0;
    for (int at = 0; at < frame.length; at += segment) {
      final int length = Math.min(segment, frame.length - at);
      final long mbuf = allocator.allocate();
      NativeMemory.copy(
          java.util.Arrays.copyOfRange(frame, at, at + length), Mbuf.data(mbuf), length);
      Mbuf.length(mbuf, length);
      if (head == 0) {
        head = mbuf;
      } else {
        Mbuf.chain(head, mbuf);
      }
    }
    return head;
  }

  private static int expected(List<Rule> ordered, FrameModel model) {
    for (int i = 0; i < ordered.size(); i++) {
      if (model.matches(ordered.get(i).match())) {
        return i;
      }
    }
    return RuleTable.NONE;
  }
}
