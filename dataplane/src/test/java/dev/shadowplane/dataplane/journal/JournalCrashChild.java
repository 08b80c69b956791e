package dev.shadowplane.dataplane.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/** Journals frames without end, and says in a mapped file how many have been acknowledged. */
final class JournalCrashChild {
  static final int ACKNOWLEDGED_BYTES = 64;

  private JournalCrashChild() {}

  static UnsafeBuffer map(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_WRITE, 0, ACKNOWLEDGED_BYTES));
    }
  }

  /** Arguments: the journal's folder, the file of acknowledgements, the first frame's number. */
  public static void main(String[] arguments) throws IOException {
    UnsafeBuffer acknowledged = map(Path.of(arguments[1]));
    JournalLedger ledger =
        new JournalLedger() {
          @Override
          public void journaled(int ruleId, long frames, long bytes) {
            acknowledged.getAndAddLong(0, frames);
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
            JournalOptions.of(Path.of(arguments[0]), 1, TestFrames.PORTS),
            ledger,
            new TestJournal.Counters(),
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE);
    JournalRing ring = JournalRing.allocate(TestJournal.RING_BYTES);
    JournalAgent agent = new JournalAgent(writer, List.of(ring), 1_000);
    TestFrames frames = new TestFrames();
    long number = Long.parseLong(arguments[2]);
    while (true) {
      if (frames.write(ring, number)) {
        number++;
      } else {
        agent.doWork();
      }
    }
  }
}
