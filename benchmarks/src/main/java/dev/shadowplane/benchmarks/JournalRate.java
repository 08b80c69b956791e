package dev.shadowplane.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.shadowplane.dataplane.config.Json;
import dev.shadowplane.dataplane.journal.JournalAgent;
import dev.shadowplane.dataplane.journal.JournalHelper;
import dev.shadowplane.dataplane.journal.JournalHelperListener;
import dev.shadowplane.dataplane.journal.JournalLedger;
import dev.shadowplane.dataplane.journal.JournalOptions;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.JournalSelfTest;
import dev.shadowplane.dataplane.journal.JournalState;
import dev.shadowplane.dataplane.journal.JournalWriter;
import dev.shadowplane.dataplane.journal.PortCounters;
import dev.shadowplane.dataplane.journal.ShedReason;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Journals frames as fast as one thread goes: from a ring, filled again and again outside of the
 * measured time, through the journal agent into a queue; or, to compare, the same bytes straight
 * into a Chronicle Queue, as many to a document. Prints what it measured, behind a first quarter
 * that warms up, as a JSON object.
 */
@Command(name = "journal-rate", mixinStandardHelpOptions = true)
public final class JournalRate implements Callable<Integer> {
  private static final int RING_BYTES = 64 << 20;
  private static final int FRAMES_A_TURN = 1_024;
  private static final int BATCH_FRAMES = 256;
  private static final int RULE = 1;
  private static final long ROLL_MS = TimeUnit.MINUTES.toMillis(5);
  private static final int LINKTYPE_ETHERNET = 1;

  @Option(names = "--journal", required = true, description = "A folder that is not there yet.")
  private Path folder = Path.of("");

  @Option(names = "--frame-bytes", defaultValue = "64", description = "Of each frame.")
  private int frameBytes;

  @Option(names = "--frames", defaultValue = "20000000", description = "How many.")
  private long frames;

  @Option(names = "--chronicle", description = "Straight into a Chronicle Queue.")
  private boolean chronicle;

  @Option(names = "--rolls", defaultValue = "0", description = "New files meanwhile.")
  private int rolls;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private long elapsedNs;
  private long cpuNs;
  private long allocated;
  private long startFrames;
  private long longestCycleNs;
  private long rolled;

  /**
   * Runs.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new JournalRate()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    final long frame = NativeMemory.allocate(frameBytes, 64);
    NativeMemory.copy(Frames.udp4(0, frameBytes), frame, frameBytes);
    if (chronicle) {
      chronicle(frame);
    } else {
      journal(frame);
    }
    return 0;
  }

  private void begin(long done) {
    startFrames = done;
    longestCycleNs = 0;
    elapsedNs = 0;
    cpuNs = 0;
    allocated = 0;
  }

  private void resume() {
    allocated -= threads.getCurrentThreadAllocatedBytes();
    cpuNs -= threads.getCurrentThreadCpuTime();
    elapsedNs -= System.nanoTime();
  }

  private void pause() {
    elapsedNs += System.nanoTime();
    cpuNs += threads.getCurrentThreadCpuTime();
    allocated += threads.getCurrentThreadAllocatedBytes();
  }

  private void end(long done) {
    final double measured = done - startFrames;
    final Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("mframes", measured * 1e3 / elapsedNs);
    figures.put("mframes_a_cpu_second", measured * 1e3 / cpuNs);
    figures.put("gbytes", measured * frameBytes / elapsedNs);
    figures.put("allocated_bytes_per_frame", allocated / measured);
    figures.put("longest_cycle_ns", longestCycleNs);
    System.out.println(Json.write(figures));
  }

  private void journal(long frame) throws Exception {
    final Ledger ledger = new Ledger();
    final JournalRing ring = JournalRing.allocate(RING_BYTES);
    final JournalWriter writer =
        new JournalWriter(
            JournalOptions.of(
                folder, 1, List.of(new JournalPort(0, "source", LINKTYPE_ETHERNET))),
            ledger,
            new NoCounters(),
            () -> System.currentTimeMillis() + rolled * ROLL_MS,
            SystemNanoClock.INSTANCE);
    final JournalAgent agent = new JournalAgent(writer, List.of(ring), FRAMES_A_TURN);
    final AgentRunner helper =
        new AgentRunner(
            new BackoffIdleStrategy(10, 20, 1_000, 1_000_000),
            Throwable::printStackTrace,
            null,
            new JournalHelper(
                writer, new NoNews(), SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE));
    AgentRunner.startOnThread(helper);
    final long step = frames * 3 / 4 / (rolls + 1);
    boolean warm = false;
    final int source = JournalRing.source(0, 1, 0);
    int number = 0;
    while (ledger.journaled < frames) {
      while (ring.tryWrite(number, RULE, frameBytes, source, number, frame, frameBytes)) {
        number++;
      }
      resume();
      while (ring.ring().size() > 0) {
        final long beforeNs = System.nanoTime();
        agent.doWork();
        longestCycleNs = Math.max(longestCycleNs, System.nanoTime() - beforeNs);
      }
      pause();
      if (!warm && ledger.journaled >= frames / 4) {
        warm = true;
        begin(ledger.journaled);
      }
      if (warm && rolled < rolls && ledger.journaled - startFrames > (rolled + 1) * step) {
        rolled++;
      }
    }
    end(ledger.journaled);
    helper.close();
    agent.onClose();
  }

  private void chronicle(long frame) {
    final Bytes<?> source = Bytes.allocateDirect(frameBytes);
    final byte[] bytes = new byte[frameBytes];
    NativeMemory.copy(frame, bytes, frameBytes);
    source.write(bytes);
    final BytesStore<?, ?> store = source.bytesStore();
    try (SingleChronicleQueue queue =
            SingleChronicleQueueBuilder.binary(folder)
                .rollCycle(RollCycles.FIVE_MINUTELY)
                .build();
        ExcerptAppender appender = queue.createAppender()) {
      boolean warm = false;
      long number = 0;
      while (number < frames) {
        final long beforeNs = System.nanoTime();
        try (DocumentContext document = appender.writingDocument()) {
          final Bytes<?> target = document.wire().bytes();
          for (int i = 0; i < BATCH_FRAMES; i++) {
            target.writeInt(JournalRing.FRAME_OFFSET + frameBytes);
            target.writeLong(number);
            target.writeLong(RULE);
            target.writeLong(number);
            target.write(store, 0L, (long) frameBytes);
            number++;
          }
        }
        longestCycleNs = Math.max(longestCycleNs, System.nanoTime() - beforeNs);
        if (!warm && number >= frames / 4) {
          warm = true;
          begin(number);
          resume();
        }
      }
      pause();
      end(number);
    }
  }

  private static final class Ledger implements JournalLedger {
    private long journaled;

    @Override
    public void journaled(int ruleId, long count, long bytes) {
      journaled += count;
    }

    @Override
    public void shed(int ruleId, ShedReason reason, long count) {
      throw new IllegalStateException(count + " frames were shed: " + reason);
    }

    @Override
    public void state(JournalState state, String reason) {
      if (state != JournalState.RUNNING) {
        throw new IllegalStateException(reason);
      }
    }
  }

  private static final class NoNews implements JournalHelperListener {
    @Override
    public void selfTested(JournalSelfTest.Result result) {
      System.err.println(result.text());
    }

    @Override
    public void deleted(long files, long bytes, long bytesLeft) {}

    @Override
    public void failed(String reason) {
      throw new IllegalStateException(reason);
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
