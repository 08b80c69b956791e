package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.AnalyticsCounters;
import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.RecordsConfig;
import dev.shadowplane.dataplane.config.RecordsConfig.Profile;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.mirror.RandomFrames;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a data plane feeds: the journal, and analytics by records. */
final class FeedsTest extends DpdkTest {
  private static final RecordsConfig LEAN = new RecordsConfig(Profile.LEAN, false);
  private static final RuleTarget SHADOW = new RuleTarget.Port("shadow");

  @TempDir private Path root;

  private RingLab lab() {
    return new RingLab(pool(), root, 1_024, "a", "b", "shadow");
  }

  /** A frame as the journal has it. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Journaled(byte[] frame, String port, int direction, String rule, long timeNs) {}

  private static List<Journaled> journal(Path folder) throws IOException {
    final Map<Integer, String> names = new HashMap<>();
    final JournalEvents events =
        new JournalEvents() {
          @Override
          public void rules(Map<Integer, String> rules) {
            names.putAll(rules);
          }
        };
    final List<Journaled> frames = new ArrayList<>();
    try (JournalReader reader = new JournalReader(folder, 0, Long.MAX_VALUE, events)) {
      while (reader.next()) {
        final byte[] frame = new byte[reader.capturedLengthBytes()];
        reader.frame().getBytes(0, frame);
        assertThat(reader.originalLengthBytes()).isEqualTo(frame.length);
        final var session = reader.session();
        assertThat(session).isNotNull();
        final String port =
            session == null
                ? ""
                : session.ports().stream()
                    .filter(p -> p.index() == reader.portIndex())
                    .findFirst()
                    .orElseThrow()
                    .name();
        frames.add(
            new Journaled(
                frame,
                port,
                reader.direction(),
                String.valueOf(names.get(reader.ruleId())),
                reader.timestampNs()));
      }
    }
    return frames;
  }

  @Test
  void theJournalHasEveryFrameThatARuleChose() throws IOException {
    final long seed = System.nanoTime();
    System.out.println("FeedsTest journal seed " + seed);
    final Match tcpMatch =
        RuleReader.rule(YamlReader.of("x", "{name: x, match: {protocol: tcp}}")).match();
    final Rule tcp = new Rule("tcp", 1, tcpMatch, 100, List.of(SHADOW, RuleTarget.JOURNAL));
    final Rule rest = new Rule("rest", 0, Match.ALL, 100, List.of(RuleTarget.JOURNAL));
    final List<Rule> rules = List.of(tcp, rest);
    final long beforeNs = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - 1);
    try (RingLab lab = lab()) {
      lab.embed(lab.journaling(8 << 20, tcp, rest));
      final Traffic traffic = new Traffic(lab);
      final List<byte[]> shadow = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        traffic.run(new RandomFrames(seed + i), new SplittableRandom(seed + i), 20);
        shadow.addAll(lab.receive("shadow"));
      }
      traffic.assertForwarded();
      final int sent = traffic.sent().size();
      lab.until("the journal", () -> lab.counter("journal.frames") == sent);
      final int ofTcp = traffic.decidedBy(tcp, rules).size();
      assertThat(lab.counter("rule.tcp.mirrored.journal")).isEqualTo(ofTcp);
      assertThat(lab.counter("rule.tcp.journaled")).isEqualTo(ofTcp);
      assertThat(lab.counter("rule.rest.journaled")).isEqualTo(sent - ofTcp);
      lab.stop();
      final long afterNs = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() + 1);
      final List<Journaled> journaled = journal(lab.journal());
      Traffic.assertFrames(
          "journal, seed " + seed,
          journaled.stream().map(Journaled::frame).toList(),
          traffic.sent().stream().map(Traffic.Sent::frame).toList());
      assertThat(journaled.stream().map(Journaled::port))
          .isEqualTo(traffic.sent().stream().map(Traffic.Sent::port).toList());
      assertThat(journaled).allMatch(frame -> frame.direction() == 1);
      assertThat(journaled.stream().map(Journaled::timeNs).toList())
          .isSorted()
          .allMatch(timeNs -> timeNs >= beforeNs && timeNs <= afterNs);
      Traffic.assertFrames(
          "of rule tcp, seed " + seed,
          journaled.stream().filter(f -> f.rule().equals("tcp")).map(Journaled::frame).toList(),
          shadow);
      assertThat(journaled).allMatch(f -> f.rule().equals("tcp") || f.rule().equals("rest"));
    }
  }

  /** The agent does not get to run: the ring fills, sheds, and production loses nothing. */
  @Test
  void aFullJournalRingShedsAndIsCounted() throws IOException {
    final Rule rule = new Rule("all", 0, Match.ALL, 100, List.of(RuleTarget.JOURNAL));
    try (RingLab lab = lab()) {
      lab.embed(lab.journaling(1 << 16, rule));
      final List<byte[]> sent = new ArrayList<>();
      final byte[] large =
          Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload(9_000).bytes();
      for (int burst = 0; burst < 8; burst++) {
        for (int i = 0; i < RingLab.BURST; i++) {
          final byte[] frame =
              Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(burst, i).payload(800).bytes();
          lab.add(lab.mbuf(frame, 500));
          sent.add(frame);
        }
        lab.flush("a");
        lab.work();
      }
      lab.add(lab.mbuf(large, 2_000));
      lab.flush("a");
      lab.work();
      final List<byte[]> forwarded = lab.receive("b");
      sent.add(large);
      Traffic.assertFrames("production", forwarded, sent);
      final long mirrored = lab.counter("rule.all.mirrored.journal");
      lab.until("the journal", () -> lab.counter("journal.frames") == mirrored);
      final long full = lab.counter("rule.all.shed.journal.ring-full");
      final long tooLong = lab.counter("rule.all.shed.journal.frame-too-long");
      assertThat(lab.counter("rule.all.matched"))
          .isEqualTo(sent.size())
          .isEqualTo(mirrored + full + tooLong);
      assertThat(tooLong).as("an eighth of the ring bounds a frame").isEqualTo(1);
      assertThat(lab.counter("port.a.journal-shed")).isEqualTo(full + tooLong);
      assertThat(lab.counter("rule.all.journaled")).isEqualTo(mirrored);
      lab.stop();
      assertSubsequence(journal(lab.journal()).stream().map(Journaled::frame).toList(), sent);
    }
  }

  private static void assertSubsequence(List<byte[]> part, List<byte[]> whole) {
    int at = 0;
    for (byte[] frame : part) {
      while (at < whole.size() && !java.util.Arrays.equals(whole.get(at), frame)) {
        at++;
      }
      assertThat(at)
          .as("a journaled frame that was not sent, or out of order")
          .isLessThan(whole.size());
      at++;
    }
  }

  private static AnalyticsAgent analytics() {
    return new AnalyticsAgent(
        new FlowTableConfig(1 << 12, 1L << 50, 1L << 50),
        (flow, reason) -> {},
        AnalyticsCounters.NONE,
        new SystemEpochNanoClock());
  }

  private static byte[] packet(int flow, boolean back, int payload) {
    final Frames frame =
        back
            ? Frames.ethernet().ipv6("fd00::2", "fd00::1").tcp(80, 1_000 + flow, Frames.ACK)
            : Frames.ethernet().ipv6("fd00::1", "fd00::2").tcp(1_000 + flow, 80, Frames.PSH);
    return frame.payload(payload).bytes();
  }

  @Test
  void flowsAreRightToThePacket() throws Exception {
    final long seed = System.nanoTime();
    System.out.println("FeedsTest flows seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    final AnalyticsAgent analytics = analytics();
    final long[][] packets = new long[40][4];
    try (RingLab lab = lab()) {
      lab.embed(lab.recording(1 << 20));
      try (TestControl control = new TestControl(lab, analytics.recordRings())) {
        for (int flow = 0; flow < packets.length; flow++) {
          // Whoever sends first is the source of a flow.
          send(lab, packets, flow, false, 0);
        }
        for (int i = 0; i < 4_000; i++) {
          send(lab, packets, random.nextInt(40), random.nextBoolean(), random.nextInt(100));
          analytics.doWork();
          control.client.doWork();
        }
        final long total = packets.length + 4_000L;
        assertThat(lab.counter("records.0.taken")).isEqualTo(total);
        assertThat(lab.counter("records.0.shed")).isZero();
        final var listing = analytics.queries().list(1_000);
        lab.until(
            "the listing",
            () -> {
              assertThat(analytics.doWork()).isNotNegative();
              return listing.isDone();
            });
        assertThat(listing.join()).hasSize(packets.length);
        for (Flow flow : listing.join()) {
          final long[] expected = packets[flow.srcPort() - 1_000];
          assertThat(
                  new long[] {
                    flow.srcToDst().packets(),
                    flow.srcToDst().bytes(),
                    flow.dstToSrc().packets(),
                    flow.dstToSrc().bytes()
                  })
              .as("flow %s, seed %d", flow, seed)
              .isEqualTo(expected);
          assertThat(flow.srcIp()).isEqualTo("fd00::1");
        }
      }
    } finally {
      analytics.onClose();
    }
  }

  private static void send(RingLab lab, long[][] packets, int flow, boolean back, int payload) {
    final byte[] packet = packet(flow, back, payload);
    lab.send(back ? "b" : "a", packet);
    lab.work();
    final int at = back ? 2 : 0;
    packets[flow][at]++;
    packets[flow][at + 1] += packet.length;
    Traffic.assertFrames("production", lab.receive(back ? "a" : "b"), List.of(packet));
  }

  /** Control does not read: records are shed and counted, production is not touched. */
  @Test
  void aFullRecordRingShedsExactly() throws Exception {
    final AnalyticsAgent analytics = analytics();
    try (RingLab lab = lab()) {
      lab.embed(lab.recording(LEAN, 1 << 16, new Rule("all", 0, Match.ALL, 100, List.of(SHADOW))));
      try (TestControl control = new TestControl(lab, analytics.recordRings())) {
        long sent = 0;
        for (int i = 0; i < 100; i++) {
          final byte[][] burst = new byte[RingLab.BURST][];
          for (int k = 0; k < burst.length; k++) {
            burst[k] = packet(k, false, i);
          }
          lab.send("a", burst);
          lab.work();
          control.client.doWork();
          sent += burst.length;
          Traffic.assertFrames("production", lab.receive("b"), List.of(burst));
          Traffic.assertFrames("mirrored", lab.receive("shadow"), List.of(burst));
        }
        final long taken = lab.counter("records.0.taken");
        // 2,064 bytes of a batch and its header, so many in 64 KiB.
        assertThat(taken).isEqualTo(31 * 32);
        assertThat(lab.counter("records.0.shed")).isEqualTo(sent - taken);
        while (analytics.doWork() > 0) {
          control.client.doWork();
        }
        final var summary = analytics.queries().summary();
        lab.until(
            "the summary",
            () -> {
              assertThat(analytics.doWork()).isNotNegative();
              return summary.isDone();
            });
        assertThat(summary.join().frames()).isEqualTo(taken);
        // Read again, it takes records again.
        lab.send("a", packet(0, false, 0));
        lab.work();
        assertThat(lab.counter("records.0.taken")).isEqualTo(taken + 1);
        lab.receive("b");
        lab.receive("shadow");
      }
    } finally {
      analytics.onClose();
    }
  }
}
