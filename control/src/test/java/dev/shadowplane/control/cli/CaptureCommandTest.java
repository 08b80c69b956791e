package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CaptureCommandTest {
  @TempDir private Path folder;
  private Path whole;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void write() throws Exception {
    whole = folder.resolve("whole.pcap");
    try (PcapWriter writer =
        new PcapWriter(
            FileChannel.open(whole, StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            LinkType.LINUX_SLL,
            65_535)) {
      for (int i = 1; i <= 3; i++) {
        writer.write(i * 1_000_000_001L, 90, new UnsafeBuffer(new byte[60]), 0, 60);
      }
    }
  }

  @Test
  void shouldSayWhatACaptureHolds() {
    assertThat(run("--format", "json", whole.toString())).isZero();
    assertThat(out.toString())
        .contains("\"file\": \"" + whole + "\"")
        .contains("\"format\": \"pcap, nanoseconds\"")
        .contains("\"frames\": 3")
        .contains("\"bytes\": 180")
        .contains("\"original-bytes\": 270")
        .contains("\"first\": \"1970-01-01T00:00:01.000000001Z\"")
        .contains("\"last\": \"1970-01-01T00:00:03.000000003Z\"")
        .contains("\"link-types\": \"LINUX_SLL\"")
        .doesNotContain("stopped");
  }

  @Test
  void shouldSayWhereADamagedOneEnds() throws Exception {
    final byte[] bytes = Files.readAllBytes(whole);
    final Path torn = Files.write(folder.resolve("torn.pcap"), Arrays.copyOf(bytes, 120));
    assertThat(run(whole.toString(), torn.toString())).isEqualTo(1);
    assertThat(out.toString().lines().toList().getLast())
        .contains(" 1 ")
        .endsWith("offset 100: record cut short: 20 of 76 bytes are there");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsNoCapture() throws Exception {
    final Path text = Files.writeString(folder.resolve("text"), "no capture");
    assertThat(run(text.toString(), whole.toString())).isEqualTo(2);
    assertThat(out.toString()).contains("offset 0: no capture").contains(whole.toString());
    assertThat(run(folder.resolve("none").toString())).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "shadowplane: "
                + folder.resolve("none")
                + " is no readable file: name a pcap or pcapng file\n");
  }

  private int run(final String... arguments) {
    final CommandLine commandLine = ShadowplaneCommand.commandLine();
    commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    final String[] all = new String[arguments.length + 2];
    all[0] = "capture";
    all[1] = "info";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return commandLine.execute(all);
  }
}
