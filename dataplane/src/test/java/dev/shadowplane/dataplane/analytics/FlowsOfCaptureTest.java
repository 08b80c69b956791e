package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.packet.Frames.ACK;
import static dev.shadowplane.dataplane.packet.Frames.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dataplane.pcap.CaptureException;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlowsOfCaptureTest {
  private static final long T = 1_700_000_000_123_456_789L;
  private static final Pattern CONVERSATION =
      Pattern.compile(
          "(\\S+):(\\d+)\\s+<->\\s+(\\S+):(\\d+)\\s+(\\d+) (\\d+) bytes\\s+(\\d+) (\\d+)"
              + " bytes\\s.*");

  @TempDir Path folder;

  @Test
  void writesJsonWithExactlyTheAgreedKeys() throws IOException {
    assertThat(written(FlowFormat.JSON, sample()))
        .isEqualTo(
            """
            [
            {"src_ip": "10.0.0.1", "src_port": 40000, "dst_ip": "10.0.0.2", "dst_port": 443, \
            "protocol": 6, "vlan": 12, "first_seen_ns": 1700000000123456789, \
            "last_seen_ns": 1700000000123457789, "src_to_dst_packets": 1, \
            "src_to_dst_bytes": 58, "src_to_dst_ip_bytes": 40, "dst_to_src_packets": 1, \
            "dst_to_src_bytes": 63, "dst_to_src_ip_bytes": 45, "src_to_dst_tcp_flags": 2, \
            "dst_to_src_tcp_flags": 18, "end_reason": "end-of-input"},
            {"src_ip": "2001:db8::1", "src_port": 5353, "dst_ip": "ff02::fb", "dst_port": 5353, \
            "protocol": 17, "vlan": null, "first_seen_ns": 1700000000123458789, \
            "last_seen_ns": 1700000000123458789, "src_to_dst_packets": 1, \
            "src_to_dst_bytes": 66, "src_to_dst_ip_bytes": 52, "dst_to_src_packets": 0, \
            "dst_to_src_bytes": 0, "dst_to_src_ip_bytes": 0, "src_to_dst_tcp_flags": 0, \
            "dst_to_src_tcp_flags": 0, "end_reason": "end-of-input"}
            ]
            """);
    assertThat(written(FlowFormat.JSON, List.of())).isEqualTo("[]\n");
  }

  @Test
  void writesCsvAndText() throws IOException {
    assertThat(written(FlowFormat.CSV, sample()))
        .isEqualTo(
            """
            src_ip,src_port,dst_ip,dst_port,protocol,vlan,first_seen_ns,last_seen_ns,\
            src_to_dst_packets,src_to_dst_bytes,src_to_dst_ip_bytes,\
            dst_to_src_packets,dst_to_src_bytes,dst_to_src_ip_bytes,\
            src_to_dst_tcp_flags,dst_to_src_tcp_flags,end_reason
            10.0.0.1,40000,10.0.0.2,443,6,12,1700000000123456789,1700000000123457789,\
            1,58,40,1,63,45,2,18,end-of-input
            2001:db8::1,5353,ff02::fb,5353,17,,1700000000123458789,1700000000123458789,\
            1,66,52,0,0,0,0,0,end-of-input
            """);
    final List<String> lines = written(FlowFormat.TEXT, sample()).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1))
        .startsWith("2023-11-14T22:13:20.123456789Z")
        .containsSubsequence("10.0.0.1:40000", "10.0.0.2:443", "tcp", "12", "58", "63", "0.000")
        .endsWith("end-of-input");
    assertThat(lines.get(2))
        .containsSubsequence("[2001:db8::1]:5353", "[ff02::fb]:5353", "udp", "-");
    assertThat(lines.getFirst().indexOf("DESTINATION")).isEqualTo(lines.get(1).indexOf("10.0.0.2"));
  }

  @Test
  void agreesWithTheConversationsOfTshark() throws IOException {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      final int client = random.nextInt(12);
      final boolean answer = random.nextInt(3) == 0;
      final boolean ipv6 = client % 3 == 0;
      final String a = (ipv6 ? "2001:db8::" : "10.7.0.") + (1 + client);
      final String b = ipv6 ? "2001:db8:1::9" : "10.8.0.9";
      final Frames frame = Frames.ethernet();
      if (client % 4 == 1) {
        frame.vlan(33);
      }
      if (ipv6) {
        frame.ipv6(answer ? b : a, answer ? a : b);
      } else {
        frame.ipv4(answer ? b : a, answer ? a : b);
      }
      final int port = 41_000 + random.nextInt(4);
      if (client % 2 == 0) {
        frame.udp(answer ? 42_000 : port, answer ? port : 42_000);
      } else {
        frame.tcp(answer ? 42_000 : port, answer ? port : 42_000, ACK, i, i);
      }
      frames.add(frame.payload(new byte[random.nextInt(40)]).bytes());
    }
    final Path capture = folder.resolve("random.pcap");
    Tshark.write(capture, frames, T);
    final Map<String, String> ours = new TreeMap<>();
    final TrafficSummary summary =
        FlowsOfCapture.read(
            capture,
            FlowTableConfig.DEFAULT,
            (view, reason) -> {
              final Flow flow = view.flow(reason);
              final String source = flow.srcIp() + " " + flow.srcPort();
              final String destination = flow.dstIp() + " " + flow.dstPort();
              final String sent = counts(flow.srcToDst());
              final String answered = counts(flow.dstToSrc());
              // By the server's port: who speaks first is left to chance here.
              if (flow.srcPort() == 42_000) {
                ours.put(destination + " " + source, answered + " / " + sent);
              } else {
                ours.put(source + " " + destination, sent + " / " + answered);
              }
            });
    final Map<String, String> theirs = new TreeMap<>();
    for (String line : Tshark.read(capture, "-q", "-z", "conv,tcp", "-z", "conv,udp")) {
      final Matcher match = CONVERSATION.matcher(line);
      if (match.matches()) {
        final boolean forward = !match.group(2).equals("42000");
        theirs.put(
            match.group(forward ? 1 : 3)
                + (" " + match.group(forward ? 2 : 4))
                + (" " + match.group(forward ? 3 : 1))
                + (" " + match.group(forward ? 4 : 2)),
            (match.group(forward ? 7 : 5) + " " + match.group(forward ? 8 : 6))
                + (" / " + match.group(forward ? 5 : 7) + " " + match.group(forward ? 6 : 8)));
      }
    }
    assertThat(ours).as("seed %d", seed).isEqualTo(theirs).hasSize(48);
    assertThat(summary.frames()).isEqualTo(3000);
    assertThat(summary.flowsEnded()).isEqualTo(48);
  }

  @Test
  void boundsItsMemoryByTheTable() throws IOException {
    final List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      frames.add(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1000 + i, 9).bytes());
    }
    final Path capture = folder.resolve("flood.pcap");
    Tshark.write(capture, frames, T);
    final List<Flow> flows = new ArrayList<>();
    final TrafficSummary summary =
        FlowsOfCapture.read(
            capture,
            new FlowTableConfig(16, Long.MAX_VALUE, Long.MAX_VALUE),
            (flow, reason) -> flows.add(flow.flow(reason)));
    assertThat(flows).hasSize(1000).doesNotHaveDuplicates();
    assertThat(summary.flowsEvicted()).isEqualTo(984);
  }

  @Test
  void countsFramesInTheFileShorterThanOnTheWire() throws IOException {
    final Path capture = folder.resolve("snapped.pcap");
    final byte[] frame =
        Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload(1000).bytes();
    try (PcapWriter writer = Tshark.writer(capture, 1)) {
      writer.write(T, frame.length, new UnsafeBuffer(frame), 0, 42);
    }
    final List<Flow> flows = new ArrayList<>();
    final TrafficSummary summary =
        FlowsOfCapture.read(
            capture, FlowTableConfig.DEFAULT, (flow, reason) -> flows.add(flow.flow(reason)));
    assertThat(flows).extracting(Flow::bytes).containsExactly(1042L);
    assertThat(flows).extracting(Flow::srcPort).containsExactly(1);
    assertThat(summary.malformed()).isZero();
  }

  @Test
  void readsTheSameFlowsBehindEveryLinkLayer() throws IOException {
    final Map<Integer, String> headers =
        Map.of(
            LinkType.RAW, "",
            LinkType.NULL, "02000000",
            LinkType.LOOP, "00000002",
            LinkType.LINUX_SLL, "00000001000602000000000100000800",
            LinkType.LINUX_SLL2, "0800000000000002000100060200000000010000");
    final byte[] frame =
        Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload(1000).bytes();
    final Path ethernet = folder.resolve("ethernet.pcap");
    Tshark.write(ethernet, List.of(frame), T);
    final List<Flow> expected = flows(ethernet);
    assertThat(expected).extracting(Flow::bytes).containsExactly(1042L);
    for (Map.Entry<Integer, String> entry : headers.entrySet()) {
      final byte[] header = HexFormat.of().parseHex(entry.getValue());
      final byte[] other = Arrays.copyOf(header, header.length + frame.length - 14);
      System.arraycopy(frame, 14, other, header.length, frame.length - 14);
      final Path capture = folder.resolve("link-" + entry.getKey() + ".pcap");
      try (PcapWriter writer = Tshark.writer(capture, entry.getKey())) {
        writer.write(T, other.length, new UnsafeBuffer(other), 0, other.length);
      }
      assertThat(flows(capture)).as("link type %d", entry.getKey()).isEqualTo(expected);
    }
  }

  private static List<Flow> flows(Path capture) throws IOException {
    final List<Flow> flows = new ArrayList<>();
    FlowsOfCapture.read(
        capture, FlowTableConfig.DEFAULT, (flow, reason) -> flows.add(flow.flow(reason)));
    return flows;
  }

  @Test
  void namesALinkTypeThatItCannotRead() throws IOException {
    final Path capture = folder.resolve("raw.pcap");
    try (PcapWriter writer = Tshark.writer(capture, 147)) {
      writer.write(T, 20, new UnsafeBuffer(new byte[20]), 0, 20);
    }
    assertThatThrownBy(
            () -> FlowsOfCapture.read(capture, FlowTableConfig.DEFAULT, (flow, reason) -> {}))
        .isInstanceOfSatisfying(
            UnsupportedLinkTypeException.class,
            thrown -> assertThat(thrown.linkType()).isEqualTo(147))
        .hasMessageStartingWith(capture + ": frames of LINKTYPE 147 cannot be read");
  }

  @Test
  void givesTheFlowsBeforeTheDamage() throws IOException {
    final Path capture = folder.resolve("whole.pcap");
    Tshark.write(capture, sample(), T);
    final byte[] bytes = Files.readAllBytes(capture);
    final Path torn = folder.resolve("torn.pcap");
    Files.write(torn, Arrays.copyOf(bytes, bytes.length - 1));
    final List<Flow> flows = new ArrayList<>();
    assertThatThrownBy(() ->
            FlowsOfCapture.read(
                torn, FlowTableConfig.DEFAULT, (flow, reason) -> flows.add(flow.flow(reason))))
        .isInstanceOf(CaptureException.class)
        .hasMessageContaining("torn.pcap");
    assertThat(flows).extracting(Flow::srcIp).containsExactly("10.0.0.1");
  }

  private String written(FlowFormat format, List<byte[]> frames) throws IOException {
    final Path capture = Files.createTempDirectory(folder, "written").resolve("a.pcap");
    Tshark.write(capture, frames, T);
    final StringWriter out = new StringWriter();
    try (FlowWriter writer = format.open(out)) {
      FlowsOfCapture.read(capture, FlowTableConfig.DEFAULT, writer);
    }
    return out.toString();
  }

  private static List<byte[]> sample() {
    return List.of(
        Frames.ethernet().vlan(12).ipv4("10.0.0.1", "10.0.0.2").tcp(40000, 443, SYN).bytes(),
        Frames.ethernet()
            .vlan(12)
            .ipv4("10.0.0.2", "10.0.0.1")
            .tcp(443, 40000, SYN | ACK)
            .payload(5)
            .bytes(),
        Frames.ethernet().ipv6("2001:db8::1", "ff02::fb").udp(5353, 5353).payload(4).bytes());
  }

  private static String counts(Flow.Direction direction) {
    return direction.packets() + " " + direction.bytes();
  }
}
