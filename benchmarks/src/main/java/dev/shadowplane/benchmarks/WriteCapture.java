package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the capture file that both sides of a comparison take their traffic from. */
@Command(name = "write-capture")
public final class WriteCapture implements Callable<Integer> {
  private static final int LINKTYPE_ETHERNET = 1;

  @Option(names = "--file", required = true)
  private Path file;

  @Option(names = "--flows", required = true)
  private int flows;

  @Option(names = "--frames", description = "How many, flow after flow; default: one of each.")
  private int frames;

  @Option(
      names = "--frame-bytes",
      required = true,
      split = ",",
      description = "Of one frame after the other, from the first again after the last.")
  private List<Integer> frameBytes = List.of();

  /**
   * Runs it.
   *
   * @param arguments as the fields above say
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new WriteCapture()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        PcapWriter writer =
            new PcapWriter(channel, LINKTYPE_ETHERNET, Collections.max(frameBytes))) {
      for (int i = 0; i < Math.max(frames, flows); i++) {
        final byte[] frame = Frames.udp4(i % flows, frameBytes.get(i % frameBytes.size()));
        writer.write(i * 1_000L, frame.length, new UnsafeBuffer(frame), 0, frame.length);
      }
    }
    return 0;
  }
}
