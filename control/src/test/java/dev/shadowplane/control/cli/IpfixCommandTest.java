package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Flows of captures told to collectors, and what is said when that cannot be done. */
@Timeout(60)
class IpfixCommandTest {
  private static final Path SAMPLE =
      Path.of("..").toAbsolutePath().normalize().resolve("scripts/lab/sample.pcap");

  @TempDir private Path folder;

  /** What Wireshark reads of the file is what the same command shows. */
  @Test
  void shouldWriteTheFlowsThatItShows() throws Exception {
    final Path file = folder.resolve("flows.ipfix");
    final Outcome told = run(SAMPLE, "--ipfix", file.toString(), "--biflow=false");
    assertThat(told.err()).isEmpty();
    assertThat(told.status()).isZero();
    final List<String> read = new ArrayList<>();
    final List<List<String>> columns =
        Stream.of(tshark(file).split("\\|", -1))
            .map(column -> List.of(column.strip().split(",", -1)))
            .toList();
    for (int i = 0; i < columns.getFirst().size(); i++) {
      read.add(columns.get(0).get(i) + " " + columns.get(1).get(i) + " " + columns.get(2).get(i));
    }
    final List<List<String>> flows =
        run(SAMPLE, "--format", "csv")
            .out()
            .lines()
            .map(line -> List.of(line.split(",", -1)))
            .toList();
    final int sent = flows.getFirst().indexOf("src_to_dst_packets");
    final int answered = flows.getFirst().indexOf("dst_to_src_packets");
    final List<String> shown =
        flows.stream()
            .skip(1)
            .flatMap(flow ->
                Stream.of(
                    String.join(" ", flow.subList(sent, sent + 3)),
                    String.join(" ", flow.subList(answered, answered + 3))))
            .filter(direction -> !direction.startsWith("0 "))
            .toList();
    assertThat(read).containsExactlyInAnyOrderElementsOf(shown);
    assertThat(told.out().lines().toList())
        .hasSize(2)
        .last()
        .asString()
        .contains(file.toString(), " " + shown.size() + " ");
  }

  @Test
  void shouldSendOverUdpWithinTheMtu() throws Exception {
    try (DatagramSocket collector = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      final Outcome told =
          run(
              SAMPLE,
              "--ipfix",
              "udp://127.0.0.1:" + collector.getLocalPort(),
              "--mtu",
              "1280",
              "--domain",
              "7",
              "--format",
              "csv");
      assertThat(told.err()).isEmpty();
      final String[] row = told.out().lines().toList().getLast().split(",", -1);
      for (int i = 0; i < Integer.parseInt(row[2]); i++) {
        final DatagramPacket datagram = new DatagramPacket(new byte[65_536], 65_536);
        collector.receive(datagram);
        assertThat(datagram.getLength()).isLessThanOrEqualTo(1_280 - 28);
        final ByteBuffer message = ByteBuffer.wrap(datagram.getData(), 0, datagram.getLength());
        assertThat(message.getShort(2)).isEqualTo((short) datagram.getLength());
        assertThat(message.getInt(12)).isEqualTo(7);
      }
    }
  }

  @Test
  void shouldSayWhatIsWrong() throws IOException {
    final int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    assertFails(1, "tcp://127.0.0.1:" + port, ": Connection refused; 0 records were sent: see");
    assertFails(1, "udp://127.0.0.1:" + port, ": nobody listens there; ");
    assertFails(2, "sctp://127.0.0.1:1", ": give udp://HOST:PORT, tcp://HOST:PORT or the name");
    assertFails(2, "udp://127.0.0.1", ": is not HOST:PORT or [IPv6]:PORT");
    assertFails(2, "tcp://127.0.0.1:0", ": port 0 cannot be used: give a whole number from 1 to");
    assertFails(2, folder + "/none/flows.ipfix", ": there is no such folder: make it");
    assertThat(run(SAMPLE, "--ipfix", "udp://127.0.0.1:1", "--mtu", "1279"))
        .isEqualTo(
            new Outcome(
                2,
                "",
                "shadowplane: --ipfix udp://127.0.0.1:1: mtu 1279 cannot be used: give a whole number"
                    + " from 1280 to 65535\n"));
    assertThat(run(SAMPLE, "--ipfix", "udp://127.0.0.1:1", "--enterprise", "29305").err())
        .contains("is that of reverse elements (RFC 5103): use your organisation's number");
    final Outcome live = Outcome.of("flows", "--ipfix", "udp://127.0.0.1:1");
    assertThat(live.status()).isEqualTo(2);
    assertThat(live.err()).contains("add --pcap");
  }

  /** The flows before the damage are told, and the file is there. */
  @Test
  void shouldTellWhatADamagedCaptureHolds() throws IOException {
    final byte[] bytes = Files.readAllBytes(SAMPLE);
    final Path torn =
        Files.write(folder.resolve("torn.pcap"), Arrays.copyOf(bytes, bytes.length - 10));
    final Path file = folder.resolve("flows.ipfix");
    final Outcome told = run(torn, "--ipfix", file.toString());
    assertThat(told.status()).isEqualTo(1);
    assertThat(told.err()).contains("torn.pcap", "the flows up to there are told");
    assertThat(Files.size(file)).isGreaterThan(100);
    final Path none = Files.writeString(folder.resolve("none.pcap"), "no capture at all, but text");
    final Path unwritten = folder.resolve("unwritten.ipfix");
    assertThat(run(none, "--ipfix", unwritten.toString()).status()).isEqualTo(2);
    assertThat(unwritten).doesNotExist();
  }

  private void assertFails(final int status, final String target, final String reason) {
    final Outcome outcome = run(SAMPLE, "--ipfix", target);
    assertThat(outcome.status()).as(target).isEqualTo(status);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).startsWith("shadowplane: ").contains(target + reason).hasLineCount(1);
  }

  private static Outcome run(final Path capture, final String... options) {
    final List<String> arguments = new ArrayList<>(List.of("flows", "--pcap", capture.toString()));
    arguments.addAll(List.of(options));
    return Outcome.of(arguments.toArray(String[]::new));
  }

  private static String tshark(final Path file) throws IOException, InterruptedException {
    final Process process =
        new ProcessBuilder(
                "tshark",
                "-n",
                "-r",
                file.toString(),
                "-T",
                "fields",
                "-E",
                "separator=|",
                "-e",
                "cflow.packets",
                "-e",
                "cflow.layer2_octet_delta_count",
                "-e",
                "cflow.octets")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    final String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return output;
  }
}
