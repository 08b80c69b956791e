package dev.shadowplane.benchmarks;

import dev.shadowplane.dataplane.pcap.CaptureReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Compares when the frames of one capture were received in another: how far the time since the
 * first one differs, by the numbers of {@link WriteTraffic}.
 */
@Command(name = "compare-times")
public final class CompareTimes implements Callable<Integer> {
  private static final long NONE = Long.MIN_VALUE;
  private static final long HIGHEST_NS = 60_000_000_000L;

  @Option(names = "--sent", required = true)
  private Path sent;

  @Option(names = "--received", required = true)
  private Path received;

  @Option(names = "--frames", required = true)
  private int frames;

  /**
   * Runs it.
   *
   * @param arguments as the fields above say
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new CompareTimes()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    final long[] wanted = times(sent);
    final long[] seen = times(received);
    final Histogram errors = new Histogram(1, HIGHEST_NS, 3);
    int lost = 0;
    int first = 0;
    while (first < frames && seen[first] == NONE) {
      first++;
    }
    for (int i = first; i < frames; i++) {
      if (seen[i] == NONE) {
        lost++;
      } else {
        final long error = (seen[i] - seen[first]) - (wanted[i] - wanted[first]);
        errors.recordValue(Math.min(Math.abs(error), HIGHEST_NS));
      }
    }
    System.out.println(
        String.format(
            Locale.ROOT,
            "{\"p50_ns\": %d, \"p99_ns\": %d, \"p99_9_ns\": %d, \"max_ns\": %d, \"lost_packets\": %d}",
            errors.getValueAtPercentile(50),
            errors.getValueAtPercentile(99),
            errors.getValueAtPercentile(99.9),
            errors.getMaxValue(),
            lost + first));
    return 0;
  }

  /** By number. */
  private long[] times(Path file) throws IOException {
    final long[] times = new long[frames];
    Arrays.fill(times, NONE);
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.next()) {
        if (reader.capturedLengthBytes() >= WriteTraffic.NUMBER_OFFSET + Long.BYTES) {
          final long number =
              reader.frame().getLong(WriteTraffic.NUMBER_OFFSET, java.nio.ByteOrder.BIG_ENDIAN);
          if (number >= 0 && number < frames && times[(int) number] == NONE) {
            times[(int) number] = reader.timestampNs();
          }
        }
      }
    }
    return times;
  }
}
