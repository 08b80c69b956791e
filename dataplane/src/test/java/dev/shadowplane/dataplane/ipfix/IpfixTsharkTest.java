package dev.shadowplane.dataplane.ipfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.ipfix.MessageWriter.TemplateAge;
import dev.shadowplane.dataplane.packet.Tshark;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Wireshark's dissector makes of our messages is what the flows were. */
class IpfixTsharkTest {
  private static final String[] FIELDS = {
    "cflow.srcaddr",
    "cflow.srcaddrv6",
    "cflow.dstaddr",
    "cflow.dstaddrv6",
    "cflow.srcport",
    "cflow.dstport",
    "cflow.protocol",
    "cflow.vlanid",
    "cflow.abstimestart",
    "cflow.abstimeend",
    "cflow.flow_end_reason",
    "cflow.biflow_direction",
    "cflow.octets",
    "cflow.packets",
    "cflow.layer2_octet_delta_count",
    "cflow.tcpflags",
    "cflow.ttl_min",
    "cflow.ttl_max",
    "cflow.minimum_layer2_total_length",
    "cflow.maximum_layer2_total_length"
  };
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MMM d, yyyy HH:mm:ss.nnnnnnnnn", Locale.ROOT);

  @TempDir private Path folder;

  /** A flow a message, so that tshark prints each on a line. */
  @ParameterizedTest
  @CsvSource({"true, 0", "true, 32473", "false, 0", "false, 32473"})
  void shouldBeReadFieldByField(boolean biflow, long enterprise) throws IOException {
    final long seed = System.nanoTime();
    final List<Flow> flows = new RandomFlows(seed).list(300);
    final List<Flow> expected = biflow ? flows : Expected.uniflows(flows);
    final Path file = folder.resolve("flows.ipfix");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      final MessageWriter writer =
          new MessageWriter(
              config(biflow, enterprise),
              1_352,
              TemplateAge.UNLIMITED,
              () -> 0,
              () -> 0,
              message -> write(message, out));
      for (Flow flow : expected) {
        writer.write(flow);
        writer.flush();
      }
    }
    final List<String> arguments = new ArrayList<>(List.of("-T", "fields", "-E", "separator=|"));
    arguments.addAll(List.of("-E", "aggregator=;"));
    for (String field : FIELDS) {
      arguments.addAll(List.of("-e", field));
    }
    final List<String> lines = Tshark.read(file, arguments.toArray(String[]::new));
    assertThat(lines).as("seed %d", seed).hasSameSizeAs(expected);
    for (int i = 0; i < lines.size(); i++) {
      final List<String> is = new ArrayList<>(List.of(lines.get(i).split("\\|", -1)));
      is.set(8, times(is.get(8)));
      is.set(9, times(is.get(9)));
      assertThat(is).as("seed %d, flow %d", seed, i).isEqualTo(fields(expected.get(i), biflow));
    }
    assertNothingWrong(file);
  }

  /** Messages as long as they are written into files. */
  @ParameterizedTest
  @CsvSource({"true, 32473", "false, 0"})
  void shouldFindNothingWrongWithAFile(boolean biflow, long enterprise) throws IOException {
    final Path file = folder.resolve("flows.ipfix");
    final List<Flow> flows = new RandomFlows(3).list(2_000);
    try (IpfixFile ipfix =
        new IpfixFile(
            config(biflow, enterprise),
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      flows.forEach(ipfix::write);
      ipfix.finish();
      assertThat(ipfix.records()).isEqualTo((biflow ? flows : Expected.uniflows(flows)).size());
    }
    assertNothingWrong(file);
  }

  /** The dissector reports what it cannot make out. */
  @Test
  void shouldNoticeAMessageThatIsWrong() throws IOException {
    final Path file = folder.resolve("flows.ipfix");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      final MessageWriter writer =
          new MessageWriter(
              config(true, 0),
              1_352,
              TemplateAge.UNLIMITED,
              () -> 0,
              () -> 0,
              message -> {
                message.bytes().putShort(20, (short) 999);
                write(message, out);
              });
      writer.write(new RandomFlows(3).next());
      writer.flush();
    }
    assertThat(Tshark.read(file, "-Y", "_ws.expert || _ws.malformed")).isNotEmpty();
  }

  private static void assertNothingWrong(Path file) throws IOException {
    assertThat(Tshark.read(file, "-Y", "_ws.expert || _ws.malformed")).isEmpty();
    assertThat(Tshark.read(file, "-Y", "!cflow")).isEmpty();
  }

  private static IpfixConfig config(boolean biflow, long enterprise) {
    return new IpfixConfig(
        IpfixConfig.Transport.UDP, "::1", 4739, 1_400, biflow, 60, 1_000, enterprise, 1);
  }

  private static void write(Message message, FileChannel out) {
    try {
      out.write(message.bytes());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<String> fields(Flow flow, boolean biflow) {
    final boolean ipv6 = flow.srcIp().contains(":");
    return List.of(
        ipv6 ? "" : flow.srcIp(),
        ipv6 ? flow.srcIp() : "",
        ipv6 ? "" : flow.dstIp(),
        ipv6 ? flow.dstIp() : "",
        Integer.toString(flow.srcPort()),
        Integer.toString(flow.dstPort()),
        Integer.toString(flow.protocol()),
        flow.vlan() == Flow.NO_VLAN ? "" : Integer.toString(flow.vlan()),
        flow.firstSeenNs() / 1_000_000 * 1_000_000 + ";" + flow.firstSeenNs(),
        flow.lastSeenNs() / 1_000_000 * 1_000_000 + ";" + flow.lastSeenNs(),
        Integer.toString(
            switch (flow.end()) {
              case IDLE -> 1;
              case ACTIVE -> 2;
              case CLOSED -> 3;
              case END_OF_INPUT -> 4;
              case EVICTED -> 5;
              case ONGOING -> 0;
            }),
        biflow ? "1" : "",
        both(flow, Direction::ipBytes),
        both(flow, Direction::packets),
        both(flow, Direction::bytes),
        flags(flow),
        measured(flow, measures -> measures.minHopLimit()),
        measured(flow, measures -> measures.maxHopLimit()),
        measured(flow, measures -> measures.sizeBytes().min()),
        measured(flow, measures -> measures.sizeBytes().max()));
  }

  private static String both(Flow flow, ToLongFunction<Direction> value) {
    final long sent = value.applyAsLong(flow.srcToDst());
    return flow.dstToSrc().packets() == 0
        ? Long.toString(sent)
        : sent + ";" + value.applyAsLong(flow.dstToSrc());
  }

  private static String flags(Flow flow) {
    final String sent = String.format(Locale.ROOT, "0x%04x", flow.srcToDst().tcpFlags());
    return flow.dstToSrc().packets() == 0
        ? sent
        : String.format(Locale.ROOT, "0x%04x;%s", flow.dstToSrc().tcpFlags(), sent);
  }

  private static String measured(Flow flow, ToLongFunction<Flow.Measures> value) {
    final List<String> values = new ArrayList<>();
    for (Direction direction : List.of(flow.srcToDst(), flow.dstToSrc())) {
      if (direction.measures() != null) {
        values.add(Long.toString(value.applyAsLong(direction.measures())));
      }
    }
    return String.join(";", values);
  }

  /** Local times as ns since 1970. */
  private static String times(String times) {
    final List<String> ns = new ArrayList<>();
    for (String time : times.split(";", -1)) {
      final Instant instant =
          LocalDateTime.parse(time.replaceAll(" +", " ").replaceFirst(" [A-Z]+$", ""), TIME)
              .atZone(ZoneId.of("UTC"))
              .toInstant();
      ns.add(Long.toString(instant.getEpochSecond() * 1_000_000_000 + instant.getNano()));
    }
    return String.join(";", ns);
  }
}
