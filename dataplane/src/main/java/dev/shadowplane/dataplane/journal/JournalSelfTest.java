package dev.shadowplane.dataplane.journal;

import dev.shadowplane.dataplane.file.Disk;
import dev.shadowplane.dataplane.file.LockFile;
import dev.shadowplane.dpdk.NativeMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Tells the speed of a journal's disk from that of the way to it: writes a file of its own with
 * fdatasync, and journals frames from a ring into a queue of its own in the page cache. Takes about
 * 0.3 s and at most 192 MB of the disk, which it gives back.
 */
public final class JournalSelfTest {
  private static final String FOLDER = ".self-test";
  private static final String LOCK_FILE = "lock";
  private static final long PART_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int PART_BYTES = 64 << 20;
  private static final int CHUNK_BYTES = 4 << 20;
  private static final int RING_BYTES = 1 << 20;

  /** Pages that the helper has ready, as it has them beside the agent. */
  private static final int MAX_HELP = 64;

  private static final long LEAST_FREE_BYTES = 1L << 30;
  private static final int SMALL_FRAME_BYTES = 64;
  private static final int LARGE_FRAME_BYTES = 1_500;
  private static final double SECOND_NS = 1e9;

  private JournalSelfTest() {}

  /**
   * What was found.
   *
   * @param diskBytesPerSecond written and on the disk (fdatasync)
   * @param captureFramesPerSecond frames of 64 bytes, from a ring into the page cache, one core
   * @param captureBytesPerSecond the same of frames of 1,500 bytes, by their bytes
   */
  public record Result(
      long diskBytesPerSecond, long captureFramesPerSecond, long captureBytesPerSecond) {
    /** Says it in one line. */
    public String text() {
      return String.format(
          Locale.ROOT,
          "the disk takes %.0f MB/s, capture %.2f million frames/s of 64 bytes and %.0f MB/s of"
              + " frames of 1500 bytes",
          diskBytesPerSecond / 1e6,
          captureFramesPerSecond / 1e6,
          captureBytesPerSecond / 1e6);
    }
  }

  /**
   * Runs it.
   *
   * @param journal a folder, which may be a journal in use
   * @return what was found
   * @throws IOException when there is too little space, the folder cannot be written, or another
   *     test is running there
   */
  public static Result run(Path journal) throws IOException {
    if (Disk.usableBytes(journal) < LEAST_FREE_BYTES) {
      throw new JournalException(
          journal, "too little space for a self-test: it wants 1 GiB free, and uses 192 MB of it");
    }
    Path folder = Files.createDirectories(journal.resolve(FOLDER));
    try (LockFile lock = LockFile.createAndTryLock(folder.resolve(LOCK_FILE))) {
      if (lock == null) {
        throw new JournalException(journal, "another self-test is running there: wait for it");
      }
      return test(folder);
    }
  }

  private static Result test(Path folder) throws IOException {
    try {
      return new Result(
          disk(folder.resolve("disk")),
          (long) capture(folder.resolve("small"), SMALL_FRAME_BYTES),
          (long) (capture(folder.resolve("large"), LARGE_FRAME_BYTES) * LARGE_FRAME_BYTES));
    } finally {
      delete(folder);
    }
  }

  private static long disk(Path file) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    for (int at = 0; at < CHUNK_BYTES; at += Long.BYTES) {
      chunk.putLong(at, at * 0x9E3779B97F4A7C15L); // A disk may make short work of zeros.
    }
    long bytes = 0;
    long startNs = System.nanoTime();
    try (FileChannel open =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      do {
        chunk.clear();
        while (chunk.hasRemaining()) {
          bytes += open.write(chunk);
        }
        open.force(false);
      } while (bytes < PART_BYTES && System.nanoTime() - startNs < PART_NS);
      return (long) (bytes * SECOND_NS / (System.nanoTime() - startNs));
    }
  }

  /** Fills a ring and drains it into a queue, again and again; frames a second of the best time. */
  private static double capture(Path folder, int frameBytes) throws IOException {
    JournalRing ring = JournalRing.allocate(RING_BYTES);
    JournalOptions options = JournalOptions.of(folder, 1, List.of(new JournalPort(0, "test", 1)));
    Count count = new Count();
    JournalWriter writer =
        new JournalWriter(
            options, count, count, SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE);
    JournalAgent agent = new JournalAgent(writer, List.of(ring), Integer.MAX_VALUE);
    JournalHelper helper =
        new JournalHelper(writer, count, SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE);
    double best = 0;
    long endNs = System.nanoTime() + PART_NS;
    try (Arena arena = Arena.ofConfined()) {
      long frame = NativeMemory.allocate(arena, frameBytes, Long.BYTES);
      do {
        int frames = 0;
        while (ring.tryWrite(frames, 0, frameBytes, 0, 0, frame, frameBytes)) {
          frames++;
        }
        for (int i = 0; i < MAX_HELP && helper.doWork() > 0; i++) {
          Thread.onSpinWait();
        }
        long startNs = System.nanoTime();
        while (ring.ring().size() > 0) {
          agent.doWork();
        }
        writer.flush();
        best = Math.max(best, frames * SECOND_NS / (System.nanoTime() - startNs));
      } while (count.bytes < PART_BYTES / 2 && System.nanoTime() < endNs);
    } finally {
      agent.onClose();
    }
    if (count.failed > 0) {
      throw new JournalException(folder, writer.stopReason());
    }
    return best;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** Counts what reached the queue; knows no ports. */
  private static final class Count implements JournalLedger, PortCounters, JournalHelperListener {
    private long bytes;
    private long failed;

    @Override
    public void journaled(int ruleId, long frames, long moreBytes) {
      bytes += moreBytes;
    }

    @Override
    public void shed(int ruleId, ShedReason reason, long frames) {
      failed += frames;
    }

    @Override
    public void state(JournalState state, String reason) {}

    @Override
    public void deleted(long files, long deletedBytes, long bytesLeft) {}

    @Override
    public void selfTested(Result result) {}

    @Override
    public void failed(String reason) {}

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
