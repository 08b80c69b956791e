package dev.shadowplane.dataplane.journal;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a journal is written.
 *
 * @param folder where its files are; made when missing
 * @param queues how many queues it has, one a worker, 1 to 1,024
 * @param ports the ports whose frames it takes, 1 to 1,024
 * @param snapLengthBytes the longest frame that workers hand over, 1 to {@link
 *     JournalRing#MAX_FRAME_BYTES}
 * @param batchFrames frames in one document at most, 1 to 65,536
 * @param batchBytes size of one document at most, {@link #MIN_BATCH_BYTES} to {@link
 *     #MAX_BATCH_BYTES}
 * @param batchDelayNs how long a frame waits at most for its document to fill, 0 for not at all
 * @param statisticsIntervalNs how often the counters are journaled, if they have moved
 * @param retryIntervalNs how often a stopped journal tries again
 * @param retention how much of it is kept
 */
public record JournalOptions(
    Path folder,
    int queues,
    List<JournalPort> ports,
    int snapLengthBytes,
    int batchFrames,
    int batchBytes,
    long batchDelayNs,
    long statisticsIntervalNs,
    long retryIntervalNs,
    Retention retention) {
  /**
   * How much of a journal is kept; older files are deleted, whichever limit they exceed. The file
   * that a queue writes, which covers five minutes, is kept in any case.
   *
   * @param maxBytes of all files, at least 1
   * @param maxAgeMs of the last frame in a file, at least 1
   */
  public record Retention(long maxBytes, long maxAgeMs) {
    /** Everything is kept. */
    public static final Retention NONE = new Retention(Long.MAX_VALUE, Long.MAX_VALUE);

    /** Checks both. */
    public Retention {
      range("maxBytes", maxBytes, 1, Long.MAX_VALUE);
      range("maxAgeMs", maxAgeMs, 1, Long.MAX_VALUE);
    }
  }

  /** The least {@link #batchBytes}: the longest frame fits. */
  public static final int MIN_BATCH_BYTES = 512 << 10;

  /** The largest {@link #batchBytes}; readers take a longer document for damage. */
  public static final int MAX_BATCH_BYTES = 4 << 20;

  private static final int MAX_BATCH_FRAMES = 65_536;
  private static final int MAX_PORTS = 1_024;
  private static final int MAX_QUEUES = 1_024;
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long MILLISECOND_NS = 1_000_000L;

  /** Checks every range. */
  public JournalOptions {
    ports = List.copyOf(ports);
    range("queues", queues, 1, MAX_QUEUES);
    range("ports", ports.size(), 1, MAX_PORTS);
    range("snapLengthBytes", snapLengthBytes, 1, JournalRing.MAX_FRAME_BYTES);
    range("batchFrames", batchFrames, 1, MAX_BATCH_FRAMES);
    range("batchBytes", batchBytes, MIN_BATCH_BYTES, MAX_BATCH_BYTES);
    range("batchDelayNs", batchDelayNs, 0, Long.MAX_VALUE);
    range("statisticsIntervalNs", statisticsIntervalNs, 1, Long.MAX_VALUE);
    range("retryIntervalNs", retryIntervalNs, 1, Long.MAX_VALUE);
    Set<Integer> indices = new HashSet<>();
    for (JournalPort port : ports) {
      if (!indices.add(port.index())) {
        throw new IllegalArgumentException("journal port index " + port.index() + " is used twice");
      }
    }
  }

  /**
   * The defaults: whole frames, 256 a document, a millisecond, statistics and retry each second,
   * everything kept.
   */
  public static JournalOptions of(Path folder, int queues, List<JournalPort> ports) {
    return new JournalOptions(
        folder,
        queues,
        ports,
        JournalRing.MAX_FRAME_BYTES,
        256,
        MIN_BATCH_BYTES,
        MILLISECOND_NS,
        SECOND_NS,
        SECOND_NS,
        Retention.NONE);
  }

  /** The same with another retention. */
  public JournalOptions with(Retention other) {
    return new JournalOptions(
        folder,
        queues,
        ports,
        snapLengthBytes,
        batchFrames,
        batchBytes,
        batchDelayNs,
        statisticsIntervalNs,
        retryIntervalNs,
        other);
  }

  private static void range(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "journal " + name + " is " + value + ": " + least + " to " + most);
    }
  }
}
