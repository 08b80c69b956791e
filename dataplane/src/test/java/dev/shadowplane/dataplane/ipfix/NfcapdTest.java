package dev.shadowplane.dataplane.ipfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.Flow;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the collector of nfdump stores is what the flows were, and it has missed nothing. */
@Timeout(120)
class NfcapdTest {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final Pattern TOTALS =
      Pattern.compile(
          "Flows: (\\d+), Packets: \\d+, Bytes: \\d+, Sequence Errors: (\\d+), Bad Packets: (\\d+)");
  private static final Pattern FIELD = Pattern.compile("\"(\\w+)\" : \"?([^\",\\n]*)");

  /** As a TCP header has them, the highest bit first. */
  private static final String FLAGS = "CEUAPRSF";

  private static final long LIMIT_NS = 30_000_000_000L;
  private static final long PAUSE_NS = 1_000_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"true, 0", "true, 32473", "false, 0"})
  void shouldStoreTheSameFlows(boolean biflow, long enterprise) throws Exception {
    final long seed = System.nanoTime();
    final List<Flow> flows = new RandomFlows(seed).list(3_000);
    final Path stored = Files.createDirectory(folder.resolve("stored"));
    final Path log = folder.resolve("log");
    final int port;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    final Process nfcapd =
        new ProcessBuilder(
                "nfcapd",
                "-b",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-w",
                stored.toString(),
                "-B",
                "8000000")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      await(log, Pattern.compile("Startup"));
      final IpfixConfig config =
          new IpfixConfig(
              IpfixConfig.Transport.UDP, "127.0.0.1", port, 1_400, biflow, 60, 20, enterprise, 7);
      try (IpfixSender sender = new IpfixSender(config)) {
        for (Flow flow : flows) {
          sender.write(flow);
        }
        sender.finish();
        assertThat(sender.records()).isEqualTo((biflow ? flows : Expected.uniflows(flows)).size());
      }
      awaitRead(port);
      nfcapd.destroy();
      assertThat(nfcapd.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      nfcapd.destroyForcibly();
    }
    final List<Flow> expected = biflow ? flows : Expected.uniflows(flows);
    final Matcher totals = await(log, TOTALS);
    assertThat(List.of(totals.group(1), totals.group(2), totals.group(3)))
        .as("flows, sequence errors, bad packets")
        .containsExactly(Integer.toString(expected.size()), "0", "0");
    assertThat(nfdump(stored))
        .as("seed %d", seed)
        .containsExactlyInAnyOrderElementsOf(expected.stream().map(NfcapdTest::line).toList());
  }

  /** Until no datagram waits in the socket: nfcapd leaves unread what does when it is ended. */
  private static void awaitRead(int port) throws IOException {
    final String socket = String.format(Locale.ROOT, " 0100007F:%04X ", port);
    final long beganNs = System.nanoTime();
    while (true) {
      final List<String> waiting =
          Files.readAllLines(Path.of("/proc/net/udp")).stream()
              .filter(line -> line.contains(socket))
              .map(line -> line.strip().split(" +", -1))
              .map(columns -> columns[4] + " unread, dropped: " + columns[columns.length - 1])
              .toList();
      if (waiting.equals(List.of("00000000:00000000 unread, dropped: 0"))) {
        return;
      }
      assertThat(System.nanoTime() - beganNs).as("%s", waiting).isLessThan(LIMIT_NS);
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  private static Matcher await(Path log, Pattern pattern) throws Exception {
    final long beganNs = System.nanoTime();
    while (true) {
      final String text = Files.readString(log);
      final Matcher matcher = pattern.matcher(text);
      if (matcher.find()) {
        return matcher;
      }
      assertThat(System.nanoTime() - beganNs).as("%s in: %s", pattern, text).isLessThan(LIMIT_NS);
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  private static List<String> nfdump(Path stored) throws IOException, InterruptedException {
    final ProcessBuilder builder =
        new ProcessBuilder("nfdump", "-R", stored.toString(), "-o", "json")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("TZ", "UTC");
    final Process process = builder.start();
    final String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    final List<String> lines = new ArrayList<>();
    for (String object : output.split("\\},?\\n", -1)) {
      if (object.contains("\"type\"")) {
        lines.add(line(object));
      }
    }
    return lines;
  }

  /** What nfdump prints about a flow. */
  private static String line(String object) {
    final Map<String, String> fields = new HashMap<>();
    for (MatchResult field : FIELD.matcher(object).results().toList()) {
      fields.put(field.group(1), field.group(2));
    }
    final boolean ipv6 = fields.containsKey("src6_addr");
    return String.join(
        " ",
        fields.get("first"),
        fields.get("last"),
        address(String.valueOf(fields.get(ipv6 ? "src6_addr" : "src4_addr"))),
        fields.get("src_port"),
        address(String.valueOf(fields.get(ipv6 ? "dst6_addr" : "dst4_addr"))),
        fields.get("dst_port"),
        fields.get("proto"),
        fields.getOrDefault("src_vlan", "0"),
        fields.get("tcp_flags"),
        fields.get("in_packets"),
        fields.get("in_bytes"),
        fields.getOrDefault("out_packets", "0"),
        fields.getOrDefault("out_bytes", "0"),
        fields.getOrDefault("in_src_mac", "-"),
        fields.getOrDefault("in_dst_mac", "-"));
  }

  /** The same about a flow of ours. */
  private static String line(Flow flow) {
    final StringBuilder flags = new StringBuilder();
    for (int bit = 0; bit < 8; bit++) {
      flags.append((flow.srcToDst().tcpFlags() & (0x80 >> bit)) == 0 ? '.' : FLAGS.charAt(bit));
    }
    return String.join(
        " ",
        TIME.format(Instant.ofEpochSecond(0, flow.firstSeenNs())),
        TIME.format(Instant.ofEpochSecond(0, flow.lastSeenNs())),
        address(flow.srcIp()),
        Integer.toString(flow.srcPort()),
        address(flow.dstIp()),
        Integer.toString(flow.dstPort()),
        Integer.toString(flow.protocol()),
        Integer.toString(Math.max(0, flow.vlan())),
        flags,
        Long.toString(flow.srcToDst().packets()),
        Long.toString(flow.srcToDst().ipBytes()),
        Long.toString(flow.dstToSrc().packets()),
        Long.toString(flow.dstToSrc().ipBytes()),
        flow.details() == null ? "-" : flow.details().srcMac(),
        flow.details() == null ? "-" : flow.details().dstMac());
  }

  private static String address(String text) {
    return InetAddress.ofLiteral(text).getHostAddress();
  }
}
