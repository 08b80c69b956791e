package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.mirror.FrameMatch;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dpdk.DpdkException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which frames of a capture file count, as an option. */
final class CaptureMatch {
  @Option(
      names = "--match",
      paramLabel = "SELECTORS",
      description =
          "With --pcap: count the frames that match, by selectors as under 'match' of a rule's"
              + " file: '{ protocol: tcp, destination-ports: \"80,443\" }', or"
              + " '{ filter: \"host 10.0.0.1\" }'.")
  private @Nullable String text;

  /** The selectors, which compile; without the option, every frame matches. */
  Match match() throws CommandFailure {
    if (text == null) {
      return Match.ALL;
    }
    try {
      final Match match = MatchReader.read("--match", text);
      if (namesPort(match)) {
        throw CommandFailure.input(
            "--match: ingress: a capture file does not say by which port a frame came in: leave it"
                + " out");
      }
      new FrameMatch(match, port -> 0, new FlowHash(new byte[FlowHash.KEY_BYTES])).close();
      return match;
    } catch (DpdkException e) {
      throw CommandFailure.input("--match: " + e.getMessage());
    } catch (ConfigException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
  }

  /** Refuses the option where there is no capture file. */
  void refuseLive() throws CommandFailure {
    if (text != null) {
      throw CommandFailure.input(
          "--match is about a capture file: add --pcap; live traffic is chosen by rules");
    }
  }

  private static boolean namesPort(final Match match) {
    final Match not = match.not();
    return match.ingress() != null || (not != null && namesPort(not));
  }
}
