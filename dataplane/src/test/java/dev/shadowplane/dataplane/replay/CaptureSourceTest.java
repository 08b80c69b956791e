package dev.shadowplane.dataplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.pcap.CaptureException;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Capture files as sources, damaged and lying ones too. */
final class CaptureSourceTest extends DpdkTest {
  private static final long T0 = 1_700_000_000_000_000_000L;
  private static final int FILE_HEADER = 24;
  private static final int RECORD = 16 + 60;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir private Path root;

  private List<byte[]> write(Path file, int frames, int linkType) throws IOException {
    final List<byte[]> written = new ArrayList<>();
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, linkType, 65_535)) {
      for (int i = 0; i < frames; i++) {
        final byte[] frame = new byte[60];
        random.nextBytes(frame);
        if (linkType == LinkType.RAW) {
          frame[0] = (byte) (i % 2 == 0 ? 0x45 : 0x60);
        }
        writer.write(T0 + i * 1_000L, 60, new UnsafeBuffer(frame), 0, 60);
        written.add(frame);
      }
    }
    return written;
  }

  private static void same(List<byte[]> actual, List<byte[]> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("frame %d", i).isEqualTo(expected.get(i));
    }
  }

  @Test
  void aTimeIsSought() throws IOException {
    final Path file = root.resolve("x.pcap");
    write(file, 1_000, 1);
    try (CaptureSource source = CaptureSource.open(file)) {
      for (int to : new int[] {0, 999, 500, 1}) {
        source.seek(T0 + to * 1_000L - 1);
        assertThat(source.next()).isTrue();
        assertThat(source.timestampNs()).isEqualTo(T0 + to * 1_000L);
      }
      source.seek(T0 + 1_000_000L);
      assertThat(source.next()).isFalse();
      assertThat(source.positionBytes()).isEqualTo(source.sizeBytes());
    }
  }

  @Test
  void aDamagedFileIsSentUpToTheDamageWhichIsNamed() throws IOException {
    final Path file = root.resolve("x.pcap");
    final List<byte[]> frames = write(file, 100, 1);
    final byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, FILE_HEADER + 70 * RECORD + 20));
    try (ReplayLab lab = new ReplayLab(pool(), 256)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 2), CaptureSource.open(file));
      final List<byte[]> twice = new ArrayList<>(frames.subList(0, 70));
      twice.addAll(frames.subList(0, 70));
      same(lab.all(replay), twice);
      assertThat(replay.state()).isEqualTo(ReplayState.FAILED);
      assertThat(replay.status().problem())
          .contains("x.pcap", "offset " + (FILE_HEADER + 70 * RECORD));
    }
  }

  /** Whatever a file holds: it ends, nothing is thrown, and every buffer comes back. */
  @Test
  void lyingFilesEnd() throws IOException {
    final Path file = root.resolve("x.pcap");
    write(file, 50, 1);
    final byte[] right = Files.readAllBytes(file);
    for (int round = 0; round < 200; round++) {
      final byte[] wrong = right.clone();
      for (int i = 0; i < 1 + round % 8; i++) {
        wrong[random.nextInt(FILE_HEADER, wrong.length)] = (byte) random.nextInt();
      }
      Files.write(file, wrong);
      try (ReplayLab lab = new ReplayLab(pool(), 256)) {
        final Replay replay =
            lab.start(ReplayLab.request(new ReplayTiming.TopSpeed(), 1), CaptureSource.open(file));
        lab.all(replay);
        assertThat(replay.status().count("loaded"))
            .as("seed %d, round %d", seed, round)
            .isEqualTo(replay.status().count("sent"));
      }
    }
  }

  @Test
  void packetsWithoutALinkLayerGetOneOfEthernet() throws IOException {
    final Path file = root.resolve("x.pcap");
    final List<byte[]> expected = new ArrayList<>();
    for (byte[] packet : write(file, 30, LinkType.RAW)) {
      final byte[] frame = new byte[14 + packet.length];
      final boolean ipv4 = packet[0] == 0x45;
      frame[12] = (byte) (ipv4 ? 0x08 : 0x86);
      frame[13] = (byte) (ipv4 ? 0x00 : 0xdd);
      System.arraycopy(packet, 0, frame, 14, packet.length);
      expected.add(frame);
    }
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 1), CaptureSource.open(file));
      same(lab.all(replay), expected);
      assertThat(replay.status().count("dropped.link-type")).isZero();
    }
  }

  @Test
  void framesOfOtherLinksAreLeftOutAndCounted() throws IOException {
    final Path file = root.resolve("x.pcap");
    write(file, 30, 127);
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 0), CaptureSource.open(file));
      assertThat(lab.all(replay)).isEmpty();
      assertThat(replay.status().count("dropped.link-type")).isEqualTo(30);
    }
  }

  @Test
  void whatIsNoCaptureIsRefused() throws IOException {
    final Path file = Files.write(root.resolve("x"), new byte[64]);
    assertThatThrownBy(() -> CaptureSource.open(file))
        .isInstanceOf(CaptureException.class)
        .hasMessageContaining("no capture");
  }
}
