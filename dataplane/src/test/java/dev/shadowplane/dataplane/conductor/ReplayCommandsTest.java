package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.CollectorConfig;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.ReplayConfig;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.WorkerConfig;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.mirror.RandomFrames;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.Reply;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays as control asks for them: from files and the journal, to ports and collectors. */
final class ReplayCommandsTest extends DpdkTest {
  /** The queue of a mirror's port that is the replay agent's: behind the one worker's. */
  private static final int REPLAYED = 1;

  private static final Rule JOURNALED =
      new Rule("all", 0, Match.ALL, 100, List.of(RuleTarget.JOURNAL), CopyChange.NONE);

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  @TempDir private Path root;
  private Path captures;

  @BeforeEach
  void makeFolder() throws IOException {
    captures = Files.createDirectory(root.resolve("captures"));
  }

  private RingLab lab() {
    return new RingLab(pool(), root, 1_024, 2, "a", "b", "shadow");
  }

  /** One worker, though the rings have queues for two. */
  private DataPlaneConfig config(RingLab lab, List<CollectorConfig> collectors, Rule... rules) {
    final DataPlaneConfig all = lab.journaling(1 << 16, rules);
    final List<WorkerConfig> one = all.workers().subList(0, 1);
    return new DataPlaneConfig(
            all.directory(),
            all.stateDirectory(),
            all.eal(),
            all.mbufs(),
            all.mbufDataBytes(),
            all.ports(),
            one,
            all.records(),
            all.recordRingBytes(),
            all.journal(),
            all.rules(),
            all.flowHashKey(),
            all.counters())
        .with(DataPlaneConfig.HEADER_MBUFS, collectors, List.of())
        .with(
            List.of(),
            Optional.of(new ReplayConfig(WorkerConfig.ANY_CORE, captures, List.of("shadow"))));
  }

  private List<byte[]> frames(int count) {
    final RandomFrames generator = new RandomFrames(random.nextLong());
    final List<byte[]> frames = new ArrayList<>();
    while (frames.size() < count) {
      final byte[] frame = generator.next();
      if (frame.length >= 60 && frame.length <= 1_400) {
        frames.add(frame);
      }
    }
    return frames;
  }

  private void write(String name, List<byte[]> frames) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                captures.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, 1, 65_535)) {
      for (int i = 0; i < frames.size(); i++) {
        final byte[] frame = frames.get(i);
        writer.write(i * 1_000L, frame.length, new UnsafeBuffer(frame), 0, frame.length);
      }
    }
  }

  private void same(List<byte[]> actual, List<byte[]> expected) {
    assertThat(actual).as("seed %d", seed).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("frame %d, seed %d", i, seed).isEqualTo(expected.get(i));
    }
  }

  private static List<byte[]> take(RingLab lab, int queue, int count) {
    final List<byte[]> out = new ArrayList<>();
    lab.until(
        count + " frames",
        () -> {
          out.addAll(lab.receive("shadow", queue));
          return out.size() >= count;
        });
    return out;
  }

  private static void untilState(RingLab lab, TestControl control, String state) {
    lab.until(
        "the state " + state,
        () ->
            control
                .command(CommandType.REPLAYS_LIST, "")
                .text()
                .contains("\"state\":\"" + state + "\""));
  }

  @Test
  void aFileOfTheFolderIsReplayedToAPort() throws Exception {
    final List<byte[]> frames = frames(2_000);
    write("x.pcap", frames);
    try (RingLab lab = lab()) {
      lab.embed(config(lab, List.of()));
      try (TestControl control = new TestControl(lab)) {
        final Reply started =
            control.command(
                CommandType.REPLAY_START,
                "{ name: x, file: x.pcap, target: 'port:shadow', speed: 100, loops: 2 }");
        assertThat(started.status()).as(started.text()).isEqualTo(ReplyStatus.OK);
        final List<byte[]> twice = new ArrayList<>(frames);
        twice.addAll(frames);
        same(take(lab, REPLAYED, 4_000), twice);
        untilState(lab, control, "finished");
        assertThat(lab.counter("replay.x.sent")).isEqualTo(4_000);
        assertThat(lab.counter("replay.x.loops")).isEqualTo(2);
        assertThat(lab.receive("shadow", 0)).isEmpty();
      }
    }
  }

  @Test
  void itIsHeldMovedAndStopped() throws Exception {
    write("x.pcap", frames(1_000));
    try (RingLab lab = lab()) {
      lab.embed(config(lab, List.of()));
      try (TestControl control = new TestControl(lab)) {
        final String start =
            "{ name: x, file: x.pcap, target: 'port:shadow', packets-per-second: 1 }";
        assertThat(control.command(CommandType.REPLAY_START, start).status())
            .isEqualTo(ReplyStatus.OK);
        take(lab, REPLAYED, 1);
        assertThat(control.command(CommandType.REPLAY_START, start).status())
            .isEqualTo(ReplyStatus.CONFLICT);
        assertThat(control.command(CommandType.REPLAY_PAUSE, "{ name: x }").text())
            .contains("\"state\":\"paused\"");
        assertThat(control.command(CommandType.REPLAY_SEEK, "{ name: x, offset: 500000 }").status())
            .isEqualTo(ReplyStatus.OK);
        assertThat(control.command(CommandType.REPLAY_SEEK, "{ name: x }").status())
            .isEqualTo(ReplyStatus.INVALID);
        assertThat(control.command(CommandType.REPLAY_RESUME, "{ name: x }").status())
            .isEqualTo(ReplyStatus.OK);
        take(lab, REPLAYED, 1);
        lab.until("the position", () -> lab.counter("replay.x.position-ns") == 500_000);
        assertThat(control.command(CommandType.REPLAY_STOP, "{ name: x }").status())
            .isEqualTo(ReplyStatus.OK);
        untilState(lab, control, "stopped");
        assertThat(control.command(CommandType.REPLAY_PAUSE, "{ name: y }").status())
            .isEqualTo(ReplyStatus.NOT_FOUND);
        assertThat(control.command(CommandType.REPLAY_PAUSE, "{ name: x }").status())
            .isEqualTo(ReplyStatus.CONFLICT);
      }
    }
  }

  @Test
  void nothingOutsideOfTheFolderIsRead() throws Exception {
    write("x.pcap", frames(10));
    Files.createSymbolicLink(captures.resolve("link.pcap"), captures.resolve("x.pcap"));
    Files.createDirectory(captures.resolve("folder"));
    Files.write(captures.resolve("text"), new byte[100]);
    final Map<String, String> refused =
        Map.of(
            "file: '../captures/x.pcap', target: 'port:shadow'", "not a path",
            "file: /etc/hostname, target: 'port:shadow'", "not a path",
            "file: '..', target: 'port:shadow'", "not a path",
            "file: link.pcap, target: 'port:shadow'", "links are not followed",
            "file: folder, target: 'port:shadow'", "no regular file",
            "file: none.pcap, target: 'port:shadow'", "no regular file",
            "file: x.pcap, target: 'port:a'", "name one of shadow",
            "file: x.pcap, target: 'collector:far'", "no collector far",
            "file: x.pcap, target: 'port:shadow', rewrite: none", "no rewrite none",
            "file: x.pcap, target: 'port:shadow', speed: 1000", "0.01 to 100");
    try (RingLab lab = lab()) {
      lab.embed(config(lab, List.of()));
      try (TestControl control = new TestControl(lab)) {
        refused.forEach((request, reason) -> {
          final Reply reply =
              control.command(CommandType.REPLAY_START, "{ name: x, " + request + " }");
          assertThat(reply.status()).as(request).isEqualTo(ReplyStatus.INVALID);
          assertThat(reply.text()).as(request).contains(reason);
        });
        final Reply text =
            control.command(
                CommandType.REPLAY_START, "{ name: x, file: text, target: 'port:shadow' }");
        assertThat(text.status()).isEqualTo(ReplyStatus.FAILED);
        assertThat(text.text()).contains("no capture");
        assertThat(control.command(CommandType.REPLAYS_LIST, "").text())
            .isEqualTo("{\"replays\":[]}");
      }
    }
  }

  @Test
  void theJournalIsReplayedWhileItIsWritten() throws Exception {
    try (RingLab lab = lab()) {
      lab.embed(config(lab, List.of(), JOURNALED));
      try (TestControl control = new TestControl(lab)) {
        final List<byte[]> expected = new ArrayList<>();
        final List<byte[]> out = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
          for (int burst = 0; burst < 3; burst++) {
            final List<byte[]> frames = frames(RingLab.BURST);
            lab.send("a", frames.toArray(byte[][]::new));
            expected.addAll(frames);
            lab.until("the journal", () -> lab.counter("journal.frames") == expected.size());
            lab.receive("b");
          }
          if (round == 0) {
            final Reply started =
                control.command(
                    CommandType.REPLAY_START,
                    "{ name: x, journal: true, follow: true, target: 'port:shadow',"
                        + " window-ms: 1, speed: 100 }");
            assertThat(started.status()).as(started.text()).isEqualTo(ReplyStatus.OK);
          }
          lab.until(
              "what has been journaled",
              () -> {
                out.addAll(lab.receive("shadow", REPLAYED));
                return out.size() >= expected.size();
              });
        }
        same(out, expected);
        control.command(CommandType.REPLAY_STOP, "{ name: x }");
        untilState(lab, control, "stopped");
      }
    }
  }

  /** A collector gets of a replay what it would have got of a mirror. */
  @Test
  void aCollectorGetsTheSameOfAReplayAsOfAMirror() throws Exception {
    for (String encapsulation : new String[] {"vxlan, vni: 7", "geneve, vni: 9", "gre, key: 5"}) {
      final List<CollectorConfig> far =
          DataPlaneConfigReader.read(
                  YamlReader.of(
                      "test",
                      """
                      ports:
                        - { name: a, device: x }
                        - { name: b, device: y }
                        - { name: shadow, device: z }
                      workers: [{ forward: [[a, b]] }]
                      collectors:
                        - { name: far, port: shadow, source: 192.0.2.1, destination: 192.0.2.2,
                            next-hop-mac: '02:00:00:00:0c:02', mtu: 800, too-long: truncate,
                            encapsulation: %s }
                      """
                          .formatted(encapsulation)))
              .collectors();
      final String name = "x" + encapsulation.length() + ".pcap";
      final List<byte[]> frames = frames(RingLab.BURST);
      write(name, frames);
      final Rule mirrored =
          new Rule(
              "all", 0, Match.ALL, 100, List.of(new RuleTarget.Collector("far")), CopyChange.NONE);
      try (RingLab lab = lab()) {
        lab.embed(config(lab, far, mirrored));
        try (TestControl control = new TestControl(lab)) {
          lab.send("a", frames.toArray(byte[][]::new));
          final List<byte[]> copies = take(lab, 0, frames.size());
          control.command(
              CommandType.REPLAY_START,
              "{ name: x, file: " + name + ", target: 'collector:far', top-speed: true }");
          same(take(lab, REPLAYED, frames.size()), copies);
        }
      }
    }
  }
}
