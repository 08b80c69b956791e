package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Journals frames without end into several queues, and says in a mapped file how many of each have
 * been acknowledged. The frame's rule, which its number decides, is that of its queue.
 */
final class JournalCrashChild {
  static final int QUEUES = TestFrames.RULES;
  static final int ACKNOWLEDGED_BYTES = QUEUES * Long.BYTES;

  private JournalCrashChild() {}

  static UnsafeBuffer map(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_WRITE, 0, ACKNOWLEDGED_BYTES));
    }
  }

  static int acknowledgedIndex(int queue) {
    return queue * Long.BYTES;
  }

  /** Arguments: the journal's folder, the file of acknowledgements, each queue's first number. */
  public static void main(String[] arguments) throws IOException {
    UnsafeBuffer acknowledged = map(Path.of(arguments[1]));
    JournalLedger ledger =
        new JournalLedger() {
          @Override
          public void journaled(int ruleId, long frames, long bytes) {
            acknowledged.getAndAddLong(acknowledgedIndex(ruleId + 1), frames);
          }

          @Override
          public void shed(int ruleId, ShedReason reason, long frames) {
            throw new AssertionError(reason);
          }

          @Override
          public void state(JournalState state, String reason) {
            if (state != JournalState.RUNNING) {
              throw new AssertionError(reason);
            }
          }
        };
    JournalWriter writer =
        new JournalWriter(
            JournalOptions.of(Path.of(arguments[0]), QUEUES, TestFrames.PORTS),
            ledger,
            new TestJournal.Counters(),
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE);
    List<JournalRing> rings =
        Stream.generate(() -> JournalRing.allocate(TestJournal.RING_BYTES)).limit(QUEUES).toList();
    JournalAgent agent = new JournalAgent(writer, rings, 1_000);
    JournalHelper helper =
        new JournalHelper(
            writer,
            new TestJournal.Retained(),
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE);
    Thread.ofPlatform().daemon().start(() -> {
      while (true) {
        helper.doWork();
      }
    });
    TestFrames frames = new TestFrames();
    long[] numbers = new long[QUEUES];
    Arrays.setAll(numbers, queue -> Long.parseLong(arguments[2 + queue]));
    while (true) {
      for (int queue = 0; queue < QUEUES; queue++) {
        if (frames.write(rings.get(queue), numbers[queue])) {
          numbers[queue] += QUEUES;
        } else {
          agent.doWork();
        }
      }
    }
  }
}
