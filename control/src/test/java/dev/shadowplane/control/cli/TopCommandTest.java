package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.ControlConfig;
import dev.shadowplane.control.api.ControlServer;
import dev.shadowplane.control.api.Json;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums and gauges as a user asks for them, of a control without a data plane and of a file. */
@Timeout(60)
class TopCommandTest {
  private static final byte[] UDP =
      HexFormat.of()
          .parseHex(
              "02000000000202000000000108004500002000010000401100000a0000010a000002"
                  + "04d20035000c000061626364");

  @TempDir private static Path folder;
  private static Path config;
  private static ControlServer server;

  @BeforeAll
  static void start() throws Exception {
    config = folder.resolve("control.yaml");
    final int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(
        config,
        "directory: %s\nstate: %s\nlisten: 127.0.0.1:%d\nflows: { capacity: 5000 }\n"
            .concat("ipfix: { collector: 127.0.0.1:9, transport: tcp }\n")
            .formatted(folder.resolve("shm"), folder.resolve("state"), port));
    server = ControlServer.start(ControlConfig.load(config));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void showsHowFlowsAreKept() {
    assertThat(run("status").out())
        .contains("records     0 offered, 0 taken, 0 shed; control has read 0 and lags 0.000 ms")
        .contains("flows       0 of 5000; 0 ended, of which 0 evicted; 0 missed by subscribers")
        .contains("collector   tcp://127.0.0.1:9 away; 0 records sent, 0 missed");
    assertThat(Json.object(run("status", "--format", "json").out()).get("gauges"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("flows", 0L)
        .containsEntry("records-taken", 0L);
  }

  @Test
  void showsTheLargestSums() {
    assertThat(Json.object(run("top", "hosts", "--window", "10m", "--format", "json").out()))
        .containsEntry("aggregates", List.of())
        .containsEntry("keys", 0L)
        .containsKeys("from_ns", "to_ns", "total", "untracked");
    assertThat(run("top", "vm-pairs").out()).startsWith("NAME  PACKETS  BYTES  FLOWS");
    assertThat(run("top", "ports", "--all", "--format", "csv").out())
        .startsWith("name,peer,packets,packets_error,bytes,bytes_error,flows,flows_error,");
  }

  @Test
  void sumsUpACaptureFile() throws Exception {
    final Path file = folder.resolve("sums.pcap");
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, LinkType.ETHERNET, 65_535)) {
      for (int i = 0; i < 3; i++) {
        writer.write(i * 1_000L, UDP.length, new UnsafeBuffer(UDP), 0, UDP.length);
      }
    }
    final Outcome top = Outcome.of("top", "ports", "--pcap", file.toString(), "--format", "json");
    assertThat(top.err()).isEmpty();
    assertThat(Json.object(top.out()).get("aggregates"))
        .isEqualTo(
            List.of(
                Map.of(
                    "name", "udp/53",
                    "packets", 3L,
                    "bytes", 3L * UDP.length,
                    "flows", 1L,
                    "sent_packets", 3L,
                    "sent_bytes", 3L * UDP.length,
                    "received_packets", 0L,
                    "received_bytes", 0L,
                    "flows_now", 0L)));
    assertThat(Outcome.of("top", "hosts", "--pcap", file.toString()).out().lines())
        .containsExactly(
            "NAME      PACKETS  BYTES  FLOWS  SENT_PACKETS  SENT_BYTES  RECEIVED_PACKETS  RECEIVED_BYTES  FLOWS_NOW",
            "10.0.0.1        3    138      1             3         138                 0               0          0",
            "10.0.0.2        3    138      1             0           0                 3             138          0",
            "2 of 2, 0 s; in total 3 packets, 138 bytes, 1 flows; in no sum of its own: 0 bytes");
    Files.writeString(file, "no capture");
    assertThat(Outcome.of("top", "ports", "--pcap", file.toString()).status()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          top things                        | 'things' cannot be summed up: name one of hosts, pairs, vm-pairs, subnets, networks, rules, ports
          top hosts --limit 0               | --limit is 0: write 1 to 1000
          top hosts --window 90s            | --window takes whole minutes: write 1m to 60m
          top hosts --window 61m            | --window takes whole minutes: write 1m to 60m
          top hosts --window 1m --all       | --all and --window exclude each other: leave one out
          top hosts --pcap x --watch        | --watch follows live traffic: leave it out with --pcap
          top hosts --pcap /no/such         | /no/such is no readable file: name a pcap or pcapng file
          top hosts --watch --interval-ms 9 | interval_ms is 9: write 100 to 60000, or 0 for 1000
          flows --follow --watch            | --watch and --follow exclude each other: leave one out
          flows --updates                   | --updates adds to --follow: give both
          """)
  void refusesWhatCannotBeAnswered(final String line, final String message) {
    final Outcome outcome = run(line.split(" "));
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).contains(message);
    assertThat(outcome.status()).isEqualTo(2);
  }

  private static Outcome run(final String... arguments) {
    return Outcome.of(
        Stream.concat(Stream.of(arguments), Stream.of("--control-config", String.valueOf(config)))
            .toArray(String[]::new));
  }
}
