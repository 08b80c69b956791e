package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.Json;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flows of a capture file, as a user asks for them: without control. */
class CaptureFlowsTest {
  @TempDir private Path folder;

  @Test
  void showsTheFlowsOfACapture() throws Exception {
    final Path capture = folder.resolve("udp.pcap");
    final byte[] frame =
        HexFormat.of()
            .parseHex(
                "020000000002020000000001080045000020000100004011"
                    + "0000" // the checksum, which nobody checks
                    + "0a0000010a00000204d20035000c000061626364");
    try (FileChannel channel =
            FileChannel.open(capture, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, LinkType.ETHERNET, 65_535)) {
      for (int i = 0; i < 3; i++) {
        writer.write(i * 1_000L, frame.length, new UnsafeBuffer(frame), 0, frame.length);
      }
    }
    final Outcome outcome = Outcome.of("flows", "--pcap", capture.toString(), "--format", "json");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .contains(
            "\"src_ip\": \"10.0.0.1\", \"src_port\": 1234, \"dst_ip\": \"10.0.0.2\", \"dst_port\": 53")
        .contains("\"src_to_dst_packets\": 3");
    final byte[] whole = Files.readAllBytes(capture);
    final Path torn =
        Files.write(folder.resolve("torn.pcap"), Arrays.copyOf(whole, whole.length - 1));
    final Outcome upToThere = Outcome.of("flows", "--pcap", torn.toString(), "--format", "csv");
    assertThat(upToThere.status()).isEqualTo(1);
    assertThat(upToThere.err())
        .startsWith("shadowplane: " + torn + ": offset ")
        .endsWith("; the flows up to there are printed\n")
        .hasLineCount(1);
    assertThat(upToThere.out().lines().toList().get(1))
        .startsWith("10.0.0.1,1234,10.0.0.2,53,17,,0,1000,2,");
    final Path summary = folder.resolve("summary.json");
    assertThat(
            Outcome.of(
                    "flows",
                    "--pcap",
                    capture.toString(),
                    "--idle-timeout",
                    "1ms",
                    "--summary",
                    summary.toString())
                .out())
        .endsWith("1 flows of 3 frames; malformed: 0; not IP: 0\n");
    assertThat(Json.object(Files.readString(summary)))
        .containsEntry("frames", 3L)
        .containsEntry("flows", 1L)
        .containsEntry("not_ip", List.of());
    assertThat(Outcome.of("flows", "--pcap", capture.toString(), "--idle-timeout", "0s").err())
        .contains("'0s' is no length of time: write 500ms, 15s, 90m, 12h or 7d")
        .hasLineCount(1);
    Files.writeString(capture, "no capture");
    final Outcome damaged = Outcome.of("flows", "--pcap", capture.toString());
    assertThat(damaged.status()).isEqualTo(2);
    assertThat(damaged.err())
        .startsWith("shadowplane: " + capture + ": offset 0: ")
        .hasLineCount(1);
    assertThat(Outcome.of("flows", "--pcap", folder.resolve("none").toString()).status())
        .isEqualTo(2);
  }
}
