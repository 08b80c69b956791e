package dev.shadowplane.dataplane.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleSet;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.TunnelParser;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Hostile rules and hostile packets: refused in one line, or taken; never anything else. */
final class RuleFuzzTest {
  private static final int RULES = 4_000;
  private static final int PACKETS = 200_000;
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "'",
    "\"",
    "not",
    "inner",
    "tunnel",
    "filter",
    "vni",
    "-1",
    "0",
    "65535",
    "65536",
    "99999999999",
    "10.0.0.0/8",
    "::/0",
    "::1/129",
    "tcp",
    "syn,!ack",
    "!!",
    "!",
    "tcp port 80",
    "ether[0 - 1] = 2",
    "host x",
    "((((",
    "\u0000",
    "\u2028",
    "&a",
    "*a",
    "- ",
    "\n",
    "source",
    "destination-ports",
    "1-",
    "9-1",
    "macs",
    "hosts",
    "dscp",
    "direction",
    "forward",
  };

  @BeforeAll
  static void start() {
    DpdkTest.startEal();
  }

  @Test
  void everyTextIsRefusedInOneLineOrCompiled() {
    final long seed = System.nanoTime();
    System.out.println("RuleFuzzTest rules seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    final RandomMatches matches = new RandomMatches(random);
    int compiled = 0;
    for (int i = 0; i < RULES; i++) {
      final Match base = matches.next();
      final StringBuilder text =
          new StringBuilder(
              RuleWriter.write(new RuleSet(1, List.of(new Rule("r", 0, base, 100, List.of())))));
      for (int k = random.nextInt(4); k > 0; k--) {
        final int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
          case 1 -> text.delete(at, Math.min(text.length(), at + random.nextInt(1, 12)));
          default -> text.setCharAt(at, (char) random.nextInt(0x20, 0x80));
        }
      }
      try {
        final List<Rule> rules = RuleReader.ruleSet(YamlReader.of("fuzz", text.toString())).rules();
        new RuleTable(rules, name -> 0, random.nextInt(2)).close();
        compiled++;
      } catch (ConfigException e) {
        assertThat(e.getMessage()).as("seed %d: %s", seed, text).hasLineCount(1);
      }
    }
    assertThat(compiled).as("compiled, seed %d", seed).isGreaterThan(RULES / 8);
  }

  @Test
  void noPacketInAPacketFailsTheParserOrIsReadBeyondItsEnd() {
    final long seed = System.nanoTime();
    System.out.println("RuleFuzzTest packets seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    final FlowHash hash = new FlowHash(new byte[FlowHash.KEY_BYTES]);
    final TunnelParser tunnels = new TunnelParser(hash);
    final var parser = new dev.shadowplane.dataplane.packet.FrameParser(hash);
    final RandomFrames frames = new RandomFrames(seed);
    final long record = NativeMemory.allocate(PacketRecord.LONG_BYTES, 64);
    final long buffer = NativeMemory.allocate(1 << 17, 64);
    int inner = 0;
    for (int i = 0; i < PACKETS; i++) {
      final byte[] frame = frames.next();
      for (int k = random.nextInt(3); k > 0; k--) {
        frame[random.nextInt(Math.min(frame.length, 120))] = (byte) random.nextInt();
      }
      final int available =
          random.nextInt(4) == 0 ? random.nextInt(frame.length + 1) : frame.length;
      // Accesses are checked against what is available: bounds checks are on in tests.
      NativeMemory.copy(frame, buffer, frame.length);
      parser.parse(buffer, available, frame.length, 0, record);
      tunnels.parse(record, buffer, available, frame.length);
      if (tunnels.hasInner()) {
        inner++;
        assertThat(tunnels.innerFrame() - buffer + tunnels.innerAvailable())
            .as("seed %d, packet %d", seed, i)
            .isLessThanOrEqualTo(Math.max(available, tunnels.innerFrame() - buffer));
        assertThat(tunnels.innerFrame() - buffer + tunnels.innerLength())
            .as("seed %d, packet %d", seed, i)
            .isLessThanOrEqualTo(frame.length);
      }
    }
    assertThat(inner).as("inner packets, seed %d", seed).isGreaterThan(PACKETS / 100);
  }
}
