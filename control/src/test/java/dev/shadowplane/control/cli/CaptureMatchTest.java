package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flows and sums of the chosen frames of a capture, against those of a file that has no others. */
class CaptureMatchTest {
  private static final String SAMPLE =
      Path.of("..", "scripts", "lab", "sample.pcap").toAbsolutePath().normalize().toString();

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { protocol: tcp }                                            | tcp
          { filter: "udp" }                                            | udp and not vlan
          { protocol: tcp, destination-ports: "80" }                   | tcp.port == 80
          { vlan: 100 }                                                | vlan.id == 100
          { not: { protocol: tcp } }                                   | not tcp
          { tcp-flags: "syn,!ack", direction: forward }                | tcp.flags.syn == 1 and tcp.flags.ack == 0
          { source: "fd00:5ad0::/32", destination-ports: "80" }         | ipv6 and tcp.port == 80
          { filter: "host 192.0.2.99" }                                | ip.addr == 192.0.2.99
          """)
  void countsAsIfTheFileHadNoOtherFrames(final String match, final String filter) throws Exception {
    final String chosen = folder.resolve("chosen.pcap").toString();
    final Process tshark =
        new ProcessBuilder("tshark", "-r", SAMPLE, "-Y", filter, "-F", "nsecpcap", "-w", chosen)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(tshark.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(tshark.exitValue()).isZero();
    final Outcome flows = Outcome.of("flows", "--pcap", SAMPLE, "--match", match);
    assertThat(flows.err()).isEmpty();
    assertThat(flows.out()).isEqualTo(Outcome.of("flows", "--pcap", chosen).out());
    assertThat(Outcome.of("top", "hosts", "--pcap", SAMPLE, "--match", match).out())
        .isEqualTo(Outcome.of("top", "hosts", "--pcap", chosen).out());
  }

  @Test
  void refusesWhatCannotBeMatched() {
    refuse("{ ingress: vm }", "--match: ingress: a capture file does not say by which port");
    refuse("{ not: { ingress: vm } }", "--match: ingress: a capture file does not say by which");
    refuse("{ protocol: nothing }", "--match:1: protocol");
    refuse("{ filter: \"no such word\" }", "no such word");
    assertThat(Outcome.of("flows", "--match", "{ protocol: tcp }").err())
        .startsWith("shadowplane: --match is about a capture file: add --pcap");
    assertThat(Outcome.of("top", "hosts", "--match", "{ protocol: tcp }").err())
        .startsWith("shadowplane: --match is about a capture file: add --pcap");
  }

  private static void refuse(final String match, final String message) {
    final Outcome outcome = Outcome.of("flows", "--pcap", SAMPLE, "--match", match);
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).contains(message).hasLineCount(1);
  }
}
