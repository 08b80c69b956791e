package dev.shadowplane.dataplane.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureWriterTest {
  private static final long START_NS = 1_700_000_000_123_456_789L;
  private static final int FRAMES = 200;
  private static final int WARM_UP = 50_000;

  @TempDir private Path folder;

  private static WritableByteChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** Frame i: i + 14 bytes that depend on i. */
  private static UnsafeBuffer data(int i) {
    byte[] bytes = new byte[14 + i];
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] = (byte) (i * 31 + at);
    }
    return new UnsafeBuffer(bytes);
  }

  @Test
  void pcapngIsReadBackAndByTsharkWithoutAWarning() throws Exception {
    Path file = folder.resolve("a.pcapng");
    try (PcapngWriter writer = new PcapngWriter(create(file), "Shadowplane test")) {
      for (String name : List.of("eth0", "é-port", "abc")) {
        writer.addInterface(name, LinkType.ETHERNET, 65_535);
      }
      for (int i = 0; i < FRAMES; i++) {
        int length = data(i).capacity();
        writer.write(i % 3, START_NS + i, i % 3, length + 1_000, data(i), 0, length);
      }
      writer.writeStatistics(0, START_NS, 1L << 40, 3);
      writer.writeStatistics(2, START_NS, 5, 0);
    }
    List<String> fields =
        CaptureTool.lines(
            "tshark",
            "-r",
            file.toString(),
            "-T",
            "fields",
            "-e",
            "frame.time_epoch",
            "-e",
            "frame.interface_name",
            "-e",
            "frame.len",
            "-e",
            "frame.cap_len",
            "-e",
            "frame.packet_flags_direction");
    List<String> expected = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(file)) {
      for (int i = 0; i < FRAMES; i++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.timestampNs()).isEqualTo(START_NS + i);
        assertThat(reader.interfaceIndex()).isEqualTo(i % 3);
        assertThat(reader.direction()).isEqualTo(i % 3);
        assertThat(reader.originalLengthBytes()).isEqualTo(1_014 + i);
        assertThat(reader.frame()).isEqualTo(data(i));
        String name = List.of("eth0", "é-port", "abc").get(i % 3);
        String direction = i % 3 == 0 ? "" : "0x0000000" + i % 3;
        expected.add(
            String.join(
                "\t",
                "1700000000." + (123_456_789 + i),
                name,
                "" + (1_014 + i),
                "" + (14 + i),
                direction));
      }
      assertThat(reader.next()).isFalse();
    }
    assertThat(fields).isEqualTo(expected);
    assertThat(CaptureTool.capinfos(file, "-c")).isEqualTo("" + FRAMES);
  }

  @Test
  void pcapIsReadBackAndByCapinfosWithoutAWarning() throws Exception {
    Path file = folder.resolve("a.pcap");
    try (PcapWriter writer = new PcapWriter(create(file), LinkType.ETHERNET, 65_535)) {
      for (int i = 0; i < FRAMES; i++) {
        writer.write(START_NS + i, 2_000, data(i), 0, data(i).capacity());
      }
    }
    try (CaptureReader reader = CaptureReader.open(file)) {
      for (int i = 0; i < FRAMES; i++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.timestampNs()).isEqualTo(START_NS + i);
        assertThat(reader.linkType()).isEqualTo(LinkType.ETHERNET);
        assertThat(reader.frame()).isEqualTo(data(i));
      }
      assertThat(reader.next()).isFalse();
    }
    assertThat(CaptureTool.capinfos(file, "-c")).isEqualTo("" + FRAMES);
  }

  @Test
  void neitherWritingNorReadingAllocatesAFrame() throws IOException {
    Path file = folder.resolve("b.pcapng");
    UnsafeBuffer data = data(50);
    try (PcapngWriter writer = new PcapngWriter(create(file), "Shadowplane test")) {
      int id = writer.addInterface("eth0", LinkType.ETHERNET, 0);
      for (int i = 0; i < WARM_UP; i++) {
        writer.write(id, i, Direction.INBOUND, 64, data, 0, 64);
      }
      long before = allocatedBytes();
      for (int i = 0; i < WARM_UP; i++) {
        writer.write(id, i, Direction.INBOUND, 64, data, 0, 64);
      }
      assertThat(allocatedBytes() - before).isLessThan(WARM_UP / 10);
    }
    try (CaptureReader reader = CaptureReader.open(file)) {
      long sum = 0;
      for (int i = 0; i < WARM_UP && reader.next(); i++) {
        sum += reader.frame().getByte(0) + reader.direction();
      }
      long before = allocatedBytes();
      int read = 0;
      while (reader.next()) {
        sum += reader.frame().getByte(0) + reader.direction();
        read++;
      }
      assertThat(allocatedBytes() - before).isLessThan(WARM_UP / 10);
      assertThat(read).isEqualTo(WARM_UP);
      assertThat(sum).isEqualTo(2L * WARM_UP * (data.getByte(0) + Direction.INBOUND));
    }
  }

  private static long allocatedBytes() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }

  @Test
  void whatAFileCannotHoldIsRefused() throws IOException {
    try (PcapngWriter writer = new PcapngWriter(create(folder.resolve("c")), "x")) {
      UnsafeBuffer huge = new UnsafeBuffer(new byte[262_145]);
      int id = writer.addInterface("eth0", LinkType.ETHERNET, 0);
      assertThatThrownBy(() -> writer.write(id, 0, 0, 1, huge, 0, 262_145))
          .hasMessageContaining("262144");
      assertThatThrownBy(() -> writer.write(1, 0, 0, 1, huge, 0, 1))
          .hasMessageContaining("interface 1 of 1");
      assertThatThrownBy(() -> writer.addInterface("x".repeat(1_025), 1, 0))
          .hasMessageContaining("1025 bytes");
      writer.write(id, 0, 0, 262_144, huge, 0, 262_144);
    }
    try (CaptureReader reader = CaptureReader.open(folder.resolve("c"))) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.capturedLengthBytes()).isEqualTo(262_144);
    }
  }
}
