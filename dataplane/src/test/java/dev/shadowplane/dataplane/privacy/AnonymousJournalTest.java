package dev.shadowplane.dataplane.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.conductor.RingLab;
import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.Anonymisation.Macs;
import dev.shadowplane.dataplane.config.Anonymisation.Payload;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.Limits;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rule's anonymisation is about what the journal gets of it, and nothing else. */
final class AnonymousJournalTest extends DpdkTest {
  private static final int SNAP_BYTES = 100;
  private static final int FRAMES = 24;

  @TempDir private Path root;

  @Test
  void onlyTheJournalOfTheRulesThatSaySoIsAnonymous() throws Exception {
    final Path key = root.resolve("key");
    Files.writeString(key, HexFormat.of().formatHex(CryptoPanTest.REFERENCE_KEY));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    final List<Anonymisation> sets =
        List.of(set("other", key, Payload.DROP), set("hidden", key, Payload.BLANK));
    final List<byte[]> sent = new ArrayList<>();
    final List<byte[]> journaled = new ArrayList<>();
    final Anonymiser anonymiser = new Anonymiser(sets.get(1));
    for (int i = 0; i < FRAMES; i++) {
      final byte[] frame =
          Frames.ethernet().ipv4("10.0.0." + i, "10.0.1.1").udp(5, 80 + i % 2).payload(90).bytes();
      sent.add(frame);
      final byte[] cut = Arrays.copyOf(frame, i % 2 == 0 ? SNAP_BYTES : frame.length);
      if (i % 2 == 0) {
        anonymiser.apply(new UnsafeBuffer(cut), 0, cut.length, LinkType.ETHERNET);
      }
      journaled.add(cut);
    }
    try (RingLab lab = new RingLab(pool(), root, 1_024, "a", "b", "shadow")) {
      lab.embed(
          lab.journaling(
                  1 << 20,
                  rule("web", 80, new CopyChange(SNAP_BYTES, null, null, null), "hidden"),
                  rule("plain", 81, CopyChange.NONE, null))
              .with(sets, Optional.empty()));
      lab.send("a", sent.toArray(byte[][]::new));
      lab.work();
      Traffic.assertFrames("production", lab.receive("b"), sent);
      // Copies that are cut leave behind those that are not.
      final List<byte[]> mirrored = new ArrayList<>(of(sent, 81));
      of(sent, 80).forEach(frame -> mirrored.add(Arrays.copyOf(frame, SNAP_BYTES)));
      Traffic.assertFrames("mirror", lab.receive("shadow"), mirrored);
      lab.until("the journal", () -> lab.counter("journal.frames") == FRAMES);
      lab.stop();
      Traffic.assertFrames("journal", read(lab.journal()), journaled);
    }
  }

  @Test
  void aDataPlaneWithoutTheKeyDoesNotStart() throws Exception {
    final Path key = root.resolve("none");
    try (RingLab lab = new RingLab(pool(), root, 64, "a", "b", "shadow")) {
      assertThatThrownBy(() ->
              lab.embed(
                  lab.journaling(1 << 20, rule("web", 80, CopyChange.NONE, "hidden"))
                      .with(List.of(set("hidden", key, Payload.BLANK)), Optional.empty())))
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith(key + ": there is no such key file");
    }
  }

  private static List<byte[]> of(List<byte[]> frames, int port) {
    return frames.stream().filter(frame -> frame[37] == port).toList();
  }

  private static List<byte[]> read(Path folder) throws Exception {
    final List<byte[]> frames = new ArrayList<>();
    try (JournalReader reader =
        new JournalReader(folder, 0, Long.MAX_VALUE, new JournalEvents() {})) {
      while (reader.next()) {
        final byte[] frame = new byte[reader.capturedLengthBytes()];
        reader.frame().getBytes(0, frame);
        assertThat(reader.originalLengthBytes()).isEqualTo(132);
        frames.add(frame);
      }
    }
    return frames;
  }

  private static Anonymisation set(String name, Path key, Payload payload) {
    return new Anonymisation(name, key, true, Anonymisation.KEEP_MULTICAST, Macs.HASH, payload);
  }

  private static Rule rule(String name, int port, CopyChange change, @Nullable String anonymise) {
    final Match match =
        RuleReader.rule(
                YamlReader.of("rule", "{ name: x, match: { destination-ports: '" + port + "' } }"))
            .match();
    return new Rule(
        name,
        0,
        match,
        100,
        List.of(new RuleTarget.Port("shadow"), RuleTarget.JOURNAL),
        change,
        Limits.NONE,
        anonymise);
  }
}
