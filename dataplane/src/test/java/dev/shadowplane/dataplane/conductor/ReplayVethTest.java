package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.pcap.CaptureReader;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import dev.shadowplane.dataplane.replay.CaptureSource;
import dev.shadowplane.dataplane.replay.ReplayRequest;
import dev.shadowplane.dataplane.replay.ReplayState;
import dev.shadowplane.dataplane.replay.ReplayTiming;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replay in a process of its own, over a pair of interfaces, seen by tcpdump. Takes root. */
final class ReplayVethTest extends DpdkTest {
  private static final int FRAMES = 500;
  private static final int FRAME_BYTES = 200;
  private static final long INTERVAL_NS = 1_000_000;
  private static final long PATIENCE_NS = 60_000_000_000L;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @TempDir private Path root;

  private List<byte[]> write(Path file) throws IOException {
    final List<byte[]> frames = new ArrayList<>();
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, 1, 65_535)) {
      for (int i = 0; i < FRAMES; i++) {
        final byte[] frame = new byte[FRAME_BYTES];
        random.nextBytes(frame);
        // A local experimental type, and addresses of nobody.
        frame[0] = 2;
        frame[6] = 2;
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        writer.write(i * INTERVAL_NS, FRAME_BYTES, new UnsafeBuffer(frame), 0, FRAME_BYTES);
        frames.add(frame);
      }
    }
    return frames;
  }

  private static void until(String what, BooleanSupplier condition) {
    final long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadlineNs).as(what).isNegative();
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.exists(file) && Files.readString(file).contains(text);
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void tcpdumpSeesWhatWasInTheFile() throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    final Path file = root.resolve("x.pcap");
    final List<byte[]> frames = write(file);
    final Path seen = root.resolve("seen.pcap");
    final Path said = root.resolve("tcpdump.log");
    try (VethLab lab = new VethLab()) {
      final Process tcpdump =
          new ProcessBuilder(
                  lab.command(
                      1,
                      "tcpdump",
                      "--interface=eth0",
                      "--immediate-mode",
                      "--direction=in",
                      "--time-stamp-precision=nano",
                      "-c",
                      Integer.toString(FRAMES),
                      "-w",
                      seen.toString(),
                      "ether proto 0x88b5"))
              .redirectError(said.toFile())
              .start();
      try {
        until("tcpdump", () -> contains(said, "listening on"));
        try (StandaloneReplay replay =
            new StandaloneReplay(
                new StandaloneReplay.Options("net_af_packet,iface=" + lab.end(1), -1, 128, null),
                new ReplayRequest(
                    "test",
                    file.toString(),
                    Long.MIN_VALUE,
                    Long.MAX_VALUE,
                    false,
                    new RuleTarget.Port(StandaloneReplay.PORT),
                    ReplayTiming.ORIGINAL,
                    1,
                    Match.ALL,
                    null,
                    ReplayRequest.Limits.DEFAULT),
                () -> CaptureSource.open(file),
                line -> {})) {
          until("the end", () -> replay.replay().isGone());
          replay.replay().report();
          assertThat(replay.replay().state()).isEqualTo(ReplayState.FINISHED);
          assertThat(replay.replay().status().count("sent")).isEqualTo(FRAMES);
          assertThat(replay.replay().errors().getTotalCount()).isEqualTo(FRAMES);
        }
        until("the last frame", () -> !tcpdump.isAlive());
      } finally {
        tcpdump.destroy();
        tcpdump.waitFor();
      }
      assertThat(lab.kernelDrops()).isZero();
    }
    long firstNs = 0;
    long lastNs = 0;
    int count = 0;
    try (CaptureReader reader = CaptureReader.open(seen)) {
      while (reader.next()) {
        final byte[] frame = new byte[reader.capturedLengthBytes()];
        reader.frame().getBytes(0, frame);
        assertThat(frame).as("frame %d, seed %d", count, seed).isEqualTo(frames.get(count));
        firstNs = count++ == 0 ? reader.timestampNs() : firstNs;
        lastNs = reader.timestampNs();
      }
    }
    assertThat(count).isEqualTo(FRAMES);
    // Never before its time; how long after is the machine's.
    assertThat(lastNs - firstNs).isGreaterThan((FRAMES - 1) * INTERVAL_NS * 9 / 10);
  }
}
