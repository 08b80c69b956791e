package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.packet.Frames.ACK;
import static dev.shadowplane.dataplane.packet.Frames.FIN;
import static dev.shadowplane.dataplane.packet.Frames.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The flows of captures equal the conversations of tshark, by scripts/compare_flows.py. */
final class FlowsTsharkTest {
  private static final Path SCRIPT =
      Path.of("..", "scripts", "compare_flows.py").toAbsolutePath().normalize();
  private static final long T = 1_700_000_000_000_000_000L;
  private static final int VXLAN = 4789;
  private static final int GENEVE = 6081;

  @TempDir Path folder;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final List<byte[]> frames = new ArrayList<>();

  @Test
  void equalsThemForEveryKindOfPacket() throws Exception {
    for (int i = 0; i < 20; i++) {
      connection(i, i % 5, i % 2 == 0 ? "10.0.0.1" : "2001:db8::1");
      datagrams(i, i % 5);
    }
    other();
    Collections.shuffle(frames, random);
    final Path capture = capture(TimeUnit.MILLISECONDS.toNanos(1));
    assertEqual(capture, FlowTableConfig.DEFAULT, false);
  }

  @Test
  void equalsThemWhereTimeoutsAndNewConnectionsSplitThem() throws Exception {
    for (int i = 0; i < 40; i++) {
      // The same ports again and again.
      connection(i % 3, 0, "10.0.0.1");
      datagrams(i % 3, 0);
    }
    final Path capture = capture(TimeUnit.MILLISECONDS.toNanos(10));
    final FlowTableConfig config =
        new FlowTableConfig(
            1_024, TimeUnit.MILLISECONDS.toNanos(200), TimeUnit.MILLISECONDS.toNanos(300));
    assertThat(assertEqual(capture, config, false)).isGreaterThan(20);
  }

  @Test
  void equalsThemForDatagramsInFragments() throws Exception {
    for (int i = 0; i < 200; i++) {
      final String from = i % 3 == 0 ? "2001:db8::1" : "10.0.0.1";
      final List<byte[]> datagram = new ArrayList<>();
      datagram.add(
          packet(from, i % 7)
              .fragment(i, 0, true)
              .udp(5_000 + i % 5, 53)
              .payload(1_000 - 8)
              .bytes());
      datagram.add(
          packet(from, i % 7).fragment(i, 1_000, true).protocol(Frames.UDP).payload(1_000).bytes());
      datagram.add(
          packet(from, i % 7).fragment(i, 2_000, false).protocol(Frames.UDP).payload(i).bytes());
      if (i % 2 == 0) {
        Collections.shuffle(datagram, random);
      }
      if (i % 11 == 0) {
        datagram.removeFirst();
      }
      frames.addAll(datagram);
      datagrams(i % 5, 0);
    }
    assertEqual(capture(1_000), FlowTableConfig.DEFAULT, false);
  }

  @Test
  void equalsThemOutsideAndInsideOfTunnels() throws Exception {
    for (int i = 0; i < 20; i++) {
      connection(i, i % 3, "10.0.0.1");
      datagrams(i, 0);
    }
    for (int i = 0; i < frames.size(); i++) {
      frames.set(i, i % 2 == 0 ? tunnel(VXLAN, 0x0800_0000, i) : tunnel(GENEVE, 0x0000_6558, i));
    }
    final Path capture = capture(1_000);
    assertEqual(capture, FlowTableConfig.DEFAULT, false);
    assertEqual(capture, FlowTableConfig.DEFAULT, true);
  }

  @Test
  void tellsFlowsThatDiffer() throws Exception {
    connection(1, 0, "10.0.0.1");
    final Path capture = capture(1_000);
    final Path flows = flows(capture, FlowTableConfig.DEFAULT, false);
    final String text = Files.readString(flows);
    Files.writeString(
        flows, text.replaceFirst("\"src_to_dst_bytes\": ", "\"src_to_dst_bytes\": 1"));
    final Process process = compare(capture, flows, false);
    assertThat(output(process)).contains("DIFFERENT", "6 ('10.0.0.1', 40001)");
    assertThat(process.waitFor()).isEqualTo(1);
  }

  /** A connection from SYN to FIN, with segments in both directions. */
  private void connection(int number, int tags, String client) {
    final int port = 40_000 + number;
    final boolean ipv4 = client.indexOf(':') < 0;
    final String server = ipv4 ? "10.9.9.9" : "2001:db8::9";
    final int start = random.nextInt();
    final int answer = random.nextInt();
    frames.add(packet(client, server, tags).tcp(port, 80, SYN, start, 0).bytes());
    frames.add(packet(server, client, tags).tcp(80, port, SYN | ACK, answer, start + 1).bytes());
    int sent = start + 1;
    int answered = answer + 1;
    for (int i = 0; i < 10; i++) {
      final int length = random.nextInt(1_400);
      if (random.nextBoolean()) {
        frames.add(
            packet(client, server, tags)
                .tcp(port, 80, ACK, sent, answered)
                .payload(length)
                .bytes());
        sent += length;
      } else {
        frames.add(
            packet(server, client, tags)
                .tcp(80, port, ACK, answered, sent)
                .payload(length)
                .bytes());
        answered += length;
      }
    }
    frames.add(packet(client, server, tags).tcp(port, 80, FIN | ACK, sent, answered).bytes());
    frames.add(packet(server, client, tags).tcp(80, port, FIN | ACK, answered, sent + 1).bytes());
  }

  private void datagrams(int number, int tags) {
    for (int i = 0; i < 4; i++) {
      final boolean answer = random.nextBoolean();
      final int port = 5_000 + number;
      frames.add(
          packet(answer ? "10.0.0.9" : "10.0.0.1", answer ? "10.0.0.1" : "10.0.0.9", tags)
              .udp(answer ? 53 : port, answer ? port : 53)
              .payload(random.nextInt(500))
              .bytes());
    }
  }

  private void other() {
    for (int i = 0; i < 10; i++) {
      frames.add(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").echo(true, 7).bytes());
      frames.add(Frames.ethernet().ipv6("2001:db8::1", "2001:db8::2").echo(true, 7).bytes());
      frames.add(Frames.ethernet().type(Frames.TYPE_ARP).payload(28).bytes());
      frames.add(
          Frames.ethernet()
              .ipv6("2001:db8::1", "2001:db8::2")
              .extension(Frames.HOP_BY_HOP, 1)
              .extension(Frames.DESTINATION_OPTIONS, 2)
              .udp(i, 99)
              .payload(i)
              .bytes());
    }
  }

  private static Frames packet(String from, int tags) {
    return packet(from, from.indexOf(':') < 0 ? "10.9.9.9" : "2001:db8::9", tags);
  }

  private static Frames packet(String from, String to, int tags) {
    final Frames frame = Frames.ethernet();
    if (tags == 2 || tags == 3) {
      frame.qinq(tags);
    }
    if (tags == 1 || tags == 3) {
      frame.vlan(10 + tags);
    }
    return from.indexOf(':') < 0 ? frame.ipv4(from, to) : frame.ipv6(from, to);
  }

  private byte[] tunnel(int port, int head, int index) {
    final byte[] carried = frames.get(index);
    final ByteBuffer payload =
        ByteBuffer.allocate(8 + carried.length).putInt(head).putInt(77 << 8).put(carried);
    return Frames.ethernet()
        .ipv4("192.0.2.1", "192.0.2.2")
        .udp(50_000 + index % 3, port)
        .payload(payload.array())
        .bytes();
  }

  /** The frames so far, so far apart. */
  private Path capture(long gapNs) throws IOException {
    final Path capture = folder.resolve("capture.pcap");
    try (PcapWriter writer = Tshark.writer(capture, LinkType.ETHERNET)) {
      long timeNs = T;
      for (byte[] frame : frames) {
        writer.write(timeNs, frame.length, new UnsafeBuffer(frame), 0, frame.length);
        timeNs += gapNs;
      }
    }
    return capture;
  }

  /** How many flows are equal to conversations. */
  private long assertEqual(Path capture, FlowTableConfig config, boolean inner) throws Exception {
    final Path flows = flows(capture, config, inner);
    final Process process = compare(capture, flows, inner);
    assertThat(output(process))
        .as("seed %d", seed)
        .contains(": equal: ")
        .endsWith("equal 1, different 0, left out 0\n");
    assertThat(process.waitFor()).isZero();
    try (var lines = Files.lines(flows)) {
      return lines.filter(line -> line.startsWith("{")).count();
    }
  }

  private Path flows(Path capture, FlowTableConfig config, boolean inner) throws IOException {
    final Path flows = folder.resolve("flows.json");
    try (Writer out = Files.newBufferedWriter(flows);
        FlowWriter writer = FlowFormat.JSON.open(out);
        CaptureReader reader = CaptureReader.open(capture)) {
      new FlowsOfCapture(config, Match.ALL, inner)
          .read(reader, "capture", writer, CaptureProgress.NONE);
    }
    return flows;
  }

  private static Process compare(Path capture, Path flows, boolean inner) throws IOException {
    final List<String> command = new ArrayList<>(List.of("python3", SCRIPT.toString()));
    if (inner) {
      command.add("--inner");
    }
    command.addAll(List.of("--flows", flows.toString(), capture.toString()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
