package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.packet.Frames.ACK;
import static dev.shadowplane.dataplane.packet.Frames.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dataplane.pcap.CaptureException;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
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
  void countsFramesOfEveryLinkLayerAsLongAsTheyAre() throws IOException {
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
    final Flow like = expected.getFirst();
    for (Map.Entry<Integer, String> entry : headers.entrySet()) {
      final byte[] header = HexFormat.of().parseHex(entry.getValue());
      final byte[] other = Arrays.copyOf(header, header.length + frame.length - 14);
      System.arraycopy(frame, 14, other, header.length, frame.length - 14);
      final Path capture = folder.resolve("link-" + entry.getKey() + ".pcap");
      try (PcapWriter writer = Tshark.writer(capture, entry.getKey())) {
        writer.write(T, other.length, new UnsafeBuffer(other), 0, other.length);
      }
      final List<Flow> flows = flows(capture);
      assertThat(flows).as("link type %d", entry.getKey()).hasSize(1);
      final Flow flow = flows.getFirst();
      assertThat(flow.bytes()).isEqualTo(other.length);
      assertThat(flow.srcToDst().ipBytes()).isEqualTo(like.srcToDst().ipBytes());
      assertThat(List.of(flow.srcIp(), flow.srcPort(), flow.dstIp(), flow.dstPort()))
          .isEqualTo(List.of(like.srcIp(), like.srcPort(), like.dstIp(), like.dstPort()));
    }
  }

  private static List<Flow> flows(Path capture) throws IOException {
    final List<Flow> flows = new ArrayList<>();
    FlowsOfCapture.read(
        capture, FlowTableConfig.DEFAULT, (flow, reason) -> flows.add(flow.flow(reason)));
    return flows;
  }

  @Test
  void readsCapturesOfManyBatchesInOrder() throws IOException {
    final List<byte[]> frames = new ArrayList<>();
    final int count = 20 * RecordBatch.CAPACITY + 7;
    for (int i = 0; i < count; i++) {
      // Lean records of 32 and of 64 bytes, in turn.
      final Frames frame = Frames.ethernet();
      frames.add(
          (i % 2 == 0 ? frame.ipv4("10.0.0.1", "10.0.0.2") : frame.ipv6("fd00::1", "fd00::2"))
              .udp(1 + i % 60_000, 9)
              .bytes());
    }
    final Path capture = folder.resolve("long.pcap");
    Tshark.write(capture, frames, T);
    final long idleNs = TimeUnit.MILLISECONDS.toNanos(1);
    final List<Flow> flows = new ArrayList<>();
    final List<Long> offsets = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(capture)) {
      final FlowTableConfig config =
          new FlowTableConfig(1 << 16, idleNs, TimeUnit.HOURS.toNanos(1));
      new FlowsOfCapture(config, Match.ALL, false)
          .read(
              reader,
              "long",
              (flow, reason) -> flows.add(flow.flow(reason)),
              (taken, bytes) -> offsets.add(bytes));
    }
    flows.sort(Comparator.comparingLong(Flow::firstSeenNs));
    assertThat(flows).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(flows.get(i).firstSeenNs()).isEqualTo(T + i * 1_000L);
      assertThat(flows.get(i).srcPort()).isEqualTo(1 + i % 60_000);
      assertThat(flows.get(i).srcIp()).isEqualTo(i % 2 == 0 ? "10.0.0.1" : "fd00::1");
      assertThat(flows.get(i).bytes()).isEqualTo(frames.get(i).length);
    }
    assertThat(offsets)
        .hasSize(20)
        .isSorted()
        .allMatch(bytes -> bytes <= capture.toFile().length());
  }

  @Test
  void endsItsReadingWhenFlowsCannotBeTaken() throws IOException {
    final List<byte[]> frames =
        Collections.nCopies(
            20 * RecordBatch.CAPACITY,
            Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes());
    final Path capture = folder.resolve("long.pcap");
    Tshark.write(capture, frames, T);
    assertThatThrownBy(() ->
            FlowsOfCapture.read(
                capture,
                // Each packet is late for the flow of the one before.
                new FlowTableConfig(16, 1, 1),
                (flow, reason) -> {
                  throw new UncheckedIOException(new IOException("full"));
                }))
        .hasMessageContaining("full");
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("capture-reader"));
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
