package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A journal of several queues, written without rings, whose frames have the times and are written
 * at the times that a test says.
 */
final class StampedJournal implements AutoCloseable {
  static final int FRAME_BYTES = 200;

  final TestLedger ledger = new TestLedger();

  /** Every frame, in the order of writing. */
  final List<Stamped> frames;

  private final JournalWriter writer;
  private final UnsafeBuffer message =
      new UnsafeBuffer(ByteBuffer.allocateDirect(JournalRing.FRAME_OFFSET + FRAME_BYTES));
  private long clockNs;

  /** A frame, whose bytes hold its number. */
  record Stamped(long timestampNs, int queue, long number) {}

  /**
   * Opens a journal.
   *
   * @param frames that were written before, to be added to
   */
  StampedJournal(Path folder, int queues, long clockNs, List<Stamped> frames)
      throws JournalException {
    this(folder, queues, clockNs, frames, Optional.empty());
  }

  StampedJournal(
      Path folder, int queues, long clockNs, List<Stamped> frames, Optional<Path> keyFile)
      throws JournalException {
    this.frames = frames;
    this.clockNs = clockNs;
    JournalOptions defaults =
        JournalOptions.of(folder, queues, List.of(new JournalPort(0, "p", LinkType.ETHERNET)))
            .with(keyFile);
    writer =
        new JournalWriter(
            defaults,
            ledger,
            new TestJournal.Counters(),
            () -> TimeUnit.NANOSECONDS.toMillis(this.clockNs),
            () -> this.clockNs);
  }

  /** Sets the clock by which files are named. */
  void clock(long ns) {
    clockNs = ns;
  }

  JournalWriter writer() {
    return writer;
  }

  /** Takes a frame, which is written when 256 are there, or with {@link #flush}. */
  void frame(int queue, long timestampNs) {
    long number = frames.size();
    message.putLong(JournalRing.TIMESTAMP_OFFSET, timestampNs, LITTLE_ENDIAN);
    message.putInt(JournalRing.RULE_ID_OFFSET, 1, LITTLE_ENDIAN);
    message.putInt(JournalRing.ORIGINAL_LENGTH_OFFSET, FRAME_BYTES, LITTLE_ENDIAN);
    message.putInt(JournalRing.SOURCE_OFFSET, JournalRing.source(0, 1, 0), LITTLE_ENDIAN);
    message.putLong(JournalRing.FRAME_OFFSET, number);
    message.putLong(JournalRing.FRAME_OFFSET + FRAME_BYTES - Long.BYTES, ~number);
    writer.append(queue, message, 0, JournalRing.FRAME_OFFSET + FRAME_BYTES);
    frames.add(new Stamped(timestampNs, queue, number));
  }

  void flush() {
    writer.flush();
  }

  @Override
  public void close() throws JournalException {
    writer.close();
  }

  /** What a reader has at present. */
  static List<Stamped> read(JournalReader reader) throws IOException {
    List<Stamped> found = new ArrayList<>();
    while (reader.next()) {
      long number = reader.frame().getLong(0);
      if (reader.frame().getLong(FRAME_BYTES - Long.BYTES) != ~number) {
        throw new AssertionError("frame " + number + " is not what was written");
      }
      found.add(new Stamped(reader.timestampNs(), reader.queue(), number));
    }
    return found;
  }

  static List<Stamped> read(JournalQuery query) throws IOException {
    try (JournalReader reader = new JournalReader(query, new JournalEvents() {})) {
      return read(reader);
    }
  }

  /** In the order in which they were written. */
  static List<Stamped> byNumber(List<Stamped> found) {
    return found.stream().sorted(Comparator.comparingLong(Stamped::number)).toList();
  }

  /** The frames of a range as a merge should order them, if each queue is in order of time. */
  static List<Stamped> merged(List<Stamped> frames, long fromNs, long toNs) {
    return frames.stream()
        .filter(frame -> frame.timestampNs >= fromNs && frame.timestampNs < toNs)
        .sorted(
            Comparator.comparingLong(Stamped::timestampNs)
                .thenComparingInt(Stamped::queue)
                .thenComparingLong(Stamped::number))
        .toList();
  }
}
