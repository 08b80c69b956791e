package dev.shadowplane.benchmarks;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.journal.JournalLedger;
import dev.shadowplane.dataplane.journal.JournalOptions;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.JournalState;
import dev.shadowplane.dataplane.journal.JournalWriter;
import dev.shadowplane.dataplane.journal.PortCounters;
import dev.shadowplane.dataplane.journal.ShedReason;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Writes a journal of a given size, of frames spread evenly over ten minutes of the past, as fast
 * as the disk takes it. Prints a minute in its middle, and how many bytes of frames that holds, as
 * a JSON object.
 */
@Command(name = "write-journal", mixinStandardHelpOptions = true)
public final class WriteJournal implements Callable<Integer> {
  /** The start of a file of the journal. */
  private static final long START_NS = 1_790_000_100_000_000_000L;

  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);
  private static final int MINUTES = 10;
  private static final int WINDOW_MINUTE = 2;
  private static final int LINKTYPE_ETHERNET = 1;
  private static final int RECEIVED = 1;
  private static final double NS_PER_MS = 1e6;

  @Option(names = "--journal", required = true, description = "A folder that is not there yet.")
  private Path folder = Path.of("");

  @Option(names = "--gigabytes", defaultValue = "20", description = "How large it becomes.")
  private int gigabytes;

  @Option(names = "--frame-bytes", defaultValue = "1500", description = "Of each frame.")
  private int frameBytes;

  private long nowNs = START_NS;

  /**
   * Runs.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new WriteJournal()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    final int length = JournalRing.FRAME_OFFSET + frameBytes;
    final long frames = gigabytes * 1_000_000_000L / (length + Integer.BYTES);
    final UnsafeBuffer message = new UnsafeBuffer(ByteBuffer.allocateDirect(length));
    message.putInt(JournalRing.RULE_ID_OFFSET, 1, LITTLE_ENDIAN);
    message.putInt(JournalRing.ORIGINAL_LENGTH_OFFSET, frameBytes, LITTLE_ENDIAN);
    message.putInt(JournalRing.SOURCE_OFFSET, JournalRing.source(0, RECEIVED, 0), LITTLE_ENDIAN);
    message.putBytes(JournalRing.FRAME_OFFSET, Frames.udp4(0, frameBytes));
    try (JournalWriter writer =
        new JournalWriter(
            JournalOptions.of(folder, 1, List.of(new JournalPort(0, "port", LINKTYPE_ETHERNET))),
            new NothingLost(),
            new NoCounters(),
            () -> (long) (nowNs / NS_PER_MS),
            () -> nowNs)) {
      writer.rules(Map.of(1, "all"));
      for (long i = 0; i < frames; i++) {
        nowNs = START_NS + (long) ((double) i / frames * MINUTES * MINUTE_NS);
        message.putLong(JournalRing.TIMESTAMP_OFFSET, nowNs, LITTLE_ENDIAN);
        writer.append(0, message, 0, length);
      }
    }
    final Map<String, Object> result = new LinkedHashMap<>();
    result.put("from", START_NS + WINDOW_MINUTE * MINUTE_NS);
    result.put("to", START_NS + (WINDOW_MINUTE + 1) * MINUTE_NS);
    result.put("bytes", frames / MINUTES * (length + Integer.BYTES));
    System.out.println(Json.write(result));
    return 0;
  }

  private static final class NothingLost implements JournalLedger {
    @Override
    public void journaled(int ruleId, long frames, long bytes) {}

    @Override
    public void shed(int ruleId, ShedReason reason, long frames) {
      throw new IllegalStateException(frames + " frames were not written: " + reason);
    }

    @Override
    public void state(JournalState state, String reason) {
      if (state == JournalState.STOPPED) {
        throw new IllegalStateException(reason);
      }
    }
  }

  private static final class NoCounters implements PortCounters {
    @Override
    public long receivedFrames(int portIndex) {
      return 0;
    }

    @Override
    public long shedFrames(int portIndex) {
      return 0;
    }
  }
}
