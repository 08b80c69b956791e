package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Writes a set of tuple rules that mirror a tenth to a port, and the capture that they are about.
 */
@Command(name = "write-rules")
public final class WriteRules implements Callable<Integer> {
  private static final int LINKTYPE_ETHERNET = 1;
  private static final int FLOWS = 1_024;
  private static final int FRAME_BYTES = 64;

  @Option(names = "--rules", required = true)
  private int rules;

  @Option(names = "--file", required = true)
  private Path file;

  @Option(names = "--capture", required = true)
  private Path capture;

  /**
   * Runs it.
   *
   * @param arguments as the fields above say
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new WriteRules()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    final StringBuilder set = new StringBuilder("rules:\n");
    for (int i = 0; i < rules; i++) {
      set.append("- { name: r").append(i).append(", match: ").append(TupleRules.match(i));
      set.append(", percent: 10, targets: [ 'port:shadow' ] }\n");
    }
    Files.writeString(file, set);
    try (FileChannel channel =
            FileChannel.open(
                capture,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        PcapWriter writer = new PcapWriter(channel, LINKTYPE_ETHERNET, FRAME_BYTES)) {
      for (int i = 0; i < FLOWS; i++) {
        final byte[] frame = Frames.udp4(TupleRules.flow(i, rules), FRAME_BYTES);
        writer.write(i * 1_000L, frame.length, new UnsafeBuffer(frame), 0, frame.length);
      }
    }
    return 0;
  }
}
