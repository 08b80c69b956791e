package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.Callable;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Writes a capture file of numbered frames at the times that traffic of many users has: gaps of
 * exponential length, of which every tenth begins a train of frames back to back at 10 Gbit/s.
 */
@Command(name = "write-traffic")
public final class WriteTraffic implements Callable<Integer> {
  /** Where a frame has its number, eight bytes: the beginning of its UDP payload. */
  static final int NUMBER_OFFSET = 42;

  private static final int LINKTYPE_ETHERNET = 1;
  private static final int FLOWS = 1_024;
  private static final int MOST_BYTES = 1_514;
  private static final int TRAIN_FRAMES = 8;
  private static final int SINGLES_A_TRAIN = 10;

  /** Check sequence, preamble and gap of Ethernet. */
  private static final int LINK_OVERHEAD_BYTES = 24;

  private static final double NS_A_BYTE = 0.8;
  private static final long SECOND_NS = 1_000_000_000;
  private static final long SEED = 20_260_101;

  @Option(names = "--file", required = true)
  private Path file;

  @Option(names = "--frames", required = true)
  private int frames;

  @Option(names = "--pps", required = true, description = "On average.")
  private double pps;

  @Option(names = "--frame-bytes", description = "Of each frame; default 64 to 1,514.")
  private int frameBytes;

  /**
   * Runs it.
   *
   * @param arguments as the fields above say
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new WriteTraffic()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    final Random random = new Random(SEED);
    // A single and a train come as often as so many frames need.
    final double meanGapNs =
        SECOND_NS / pps * (SINGLES_A_TRAIN - 1 + TRAIN_FRAMES) / SINGLES_A_TRAIN;
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, LINKTYPE_ETHERNET, MOST_BYTES)) {
      final long beganNs = 1_767_225_600L * SECOND_NS;
      double sinceNs = 0;
      int left = 0;
      for (int i = 0; i < frames; i++) {
        final int length =
            frameBytes > 0
                ? frameBytes
                : random.nextInt(2) == 0 ? 64 : random.nextInt(64, MOST_BYTES + 1);
        final byte[] frame = Frames.udp4(random.nextInt(FLOWS), length);
        ByteBuffer.wrap(frame).putLong(NUMBER_OFFSET, i);
        writer.write(
            beganNs + (long) sinceNs, frame.length, new UnsafeBuffer(frame), 0, frame.length);
        if (left > 0) {
          left--;
          sinceNs += (length + LINK_OVERHEAD_BYTES) * NS_A_BYTE;
        } else {
          sinceNs += -Math.log(1 - random.nextDouble()) * meanGapNs;
          left = random.nextInt(SINGLES_A_TRAIN) == 0 ? TRAIN_FRAMES - 1 : 0;
        }
      }
    }
    return 0;
  }
}
