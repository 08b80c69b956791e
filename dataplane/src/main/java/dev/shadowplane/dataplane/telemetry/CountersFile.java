package dev.shadowplane.dataplane.telemetry;

import dev.shadowplane.dataplane.file.LockFile;
import dev.shadowplane.dpdk.FileSpace;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersManager;
import org.agrona.concurrent.status.CountersReader;

/**
 * The data plane's counters, in a file that other processes map to read. Creating it makes this
 * process the data plane of the directory until {@link #close}; a second one is refused.
 *
 * <p>One thread, the conductor, allocates and frees counters and writes the heartbeat. {@link
 * CounterTypes} says how counters are named and who writes them. The mapping is left to the garbage
 * collector, so that no counter still held by some thread can ever point to unmapped memory.
 */
public final class CountersFile implements AutoCloseable {
  /** Room for counters that suits a few hundred rules. */
  public static final int DEFAULT_MAX_COUNTERS = 4096;

  /** Most counters in a file. */
  public static final int MAX_COUNTERS = 1 << 20;

  // How long the place of a freed counter stays empty, so that a reader does not take the value of
  // the next counter for it.
  private static final long REUSE_AFTER_MS = 10_000;

  /** How many counters get space at a time: a start must not wait for tens of thousands. */
  private static final int RESERVED_AT_A_TIME = 4_096;

  private final Path directory;
  private final LockFile lock;
  private final long epoch;
  private final int maxCounters;
  private final UnsafeBuffer header;
  private final CountersManager manager;
  private int reserved;
  private int highestId = -1;

  private CountersFile(
      final Path directory,
      final LockFile lock,
      final long epoch,
      final int maxCounters,
      final MappedByteBuffer file) {
    this.directory = directory;
    this.lock = lock;
    this.epoch = epoch;
    this.maxCounters = maxCounters;
    this.header = new UnsafeBuffer(file, 0, CountersLayout.HEADER_LENGTH);
    this.manager =
        new CountersManager(
            CountersLayout.metadata(file, maxCounters),
            CountersLayout.values(file, maxCounters),
            StandardCharsets.UTF_8,
            SystemEpochClock.INSTANCE,
            REUSE_AFTER_MS);
  }

  /**
   * Makes the directory (0750) if it is missing, takes the data plane's lock, counts the start and
   * puts a complete counters file (0640) in the place of the previous one. What readers have mapped
   * stays valid.
   *
   * @param directory of the mapped files, on tmpfs.
   * @param stateDirectory where the number of starts is kept, on disk.
   * @param maxCounters 1 to {@value #MAX_COUNTERS}; 640 bytes each.
   * @throws TelemetryException when another data plane uses the directory, or a file cannot be
   *     made.
   */
  public static CountersFile create(
      final Path directory, final Path stateDirectory, final int maxCounters) {
    if (maxCounters < 1 || maxCounters > MAX_COUNTERS) {
      throw new IllegalArgumentException(
          "counters file for " + maxCounters + " counters: must be 1 to " + MAX_COUNTERS);
    }
    LockFile lock = null;
    boolean complete = false;
    try {
      TelemetryFiles.prepareDirectory(directory);
      final Path lockPath = directory.resolve(TelemetryFiles.DATAPLANE_LOCK);
      TelemetryFiles.createLock(lockPath, "rw-------");
      lock = LockFile.tryLock(lockPath);
      if (lock == null) {
        throw new TelemetryException(
            "another data plane uses " + directory + ": stop it or name another directory");
      }
      final CountersFile counters =
          publish(directory, lock, EpochFile.next(stateDirectory), maxCounters);
      complete = true;
      return counters;
    } catch (final IOException e) {
      throw new TelemetryException(
          "cannot make the counters file in "
              + directory
              + " ("
              + CountersLayout.fileLength(maxCounters)
              + " bytes): "
              + e,
          e);
    } finally {
      if (lock != null && !complete) {
        lock.close();
      }
    }
  }

  private static CountersFile publish(
      final Path directory, final LockFile lock, final long epoch, final int maxCounters)
      throws IOException {
    final Path temporary = directory.resolve(TelemetryFiles.COUNTERS + ".new");
    final MappedByteBuffer file =
        TelemetryFiles.createSparse(
            temporary, CountersLayout.fileLength(maxCounters), TelemetryFiles.READ_BY_GROUP);
    final CountersFile counters = new CountersFile(directory, lock, epoch, maxCounters, file);
    FileSpace.reserve(temporary, 0, CountersLayout.HEADER_LENGTH);
    counters.reserve(temporary);
    final long nowMs = System.currentTimeMillis();
    final UnsafeBuffer header = counters.header;
    header.putInt(CountersLayout.VERSION_OFFSET, CountersLayout.VERSION);
    header.putInt(CountersLayout.COUNT_OFFSET, maxCounters);
    header.putLong(CountersLayout.EPOCH_OFFSET, epoch);
    header.putLong(CountersLayout.PID_OFFSET, Processes.pid());
    header.putLong(CountersLayout.PID_NAMESPACE_OFFSET, Processes.namespace());
    header.putLong(CountersLayout.START_TIME_OFFSET, nowMs);
    header.putLong(CountersLayout.HEARTBEAT_OFFSET, nowMs);
    header.putLongVolatile(CountersLayout.MAGIC_OFFSET, CountersLayout.MAGIC);
    Files.move(
        temporary, directory.resolve(TelemetryFiles.COUNTERS), StandardCopyOption.ATOMIC_MOVE);
    return counters;
  }

  /**
   * Allocates a counter, at 0. Conductor only.
   *
   * @param typeId one of {@link CounterTypes}.
   * @param label from {@link CounterTypes}; at most 380 bytes, and not in use.
   * @throws TelemetryException when the file is full or the label too long.
   */
  public AtomicCounter newCounter(final int typeId, final String label) {
    if (label.getBytes(StandardCharsets.UTF_8).length > CountersReader.MAX_LABEL_LENGTH) {
      throw new TelemetryException(
          "counter label '"
              + label
              + "' is longer than "
              + CountersReader.MAX_LABEL_LENGTH
              + " bytes: use shorter names");
    }
    if (manager.available() == 0) {
      throw new TelemetryException(
          "no room for counter "
              + label
              + ": all "
              + maxCounters
              + " are in use or were freed less than "
              + REUSE_AFTER_MS / 1000
              + " s ago; raise counters in the configuration, or remove rules or targets");
    }
    // Readers look at the place behind the last one, too.
    if (highestId + 2 >= reserved && reserved < maxCounters) {
      try {
        reserve(directory.resolve(TelemetryFiles.COUNTERS));
      } catch (final IOException e) {
        throw new TelemetryException(
            "no room for counter " + label + ": make room in " + directory + " (" + e + ")", e);
      }
    }
    final AtomicCounter counter = manager.newCounter(label, typeId);
    highestId = Math.max(highestId, counter.id());
    return counter;
  }

  private void reserve(final Path file) throws IOException {
    final int more = Math.min(RESERVED_AT_A_TIME, maxCounters - reserved);
    FileSpace.reserve(
        file,
        CountersLayout.metadataOffset(reserved),
        (long) more * CountersReader.METADATA_LENGTH);
    FileSpace.reserve(
        file,
        CountersLayout.valuesOffset(maxCounters, reserved),
        (long) more * CountersReader.COUNTER_LENGTH);
    reserved += more;
  }

  /** Frees a counter once its writer has let go of it for good. Conductor only. */
  public void free(final AtomicCounter counter) {
    counter.close();
  }

  /** Tells readers that the data plane lives; {@link AttachmentServer#poll} does so. */
  public void heartbeat(final long nowMs) {
    header.putLongRelease(CountersLayout.HEARTBEAT_OFFSET, nowMs);
  }

  /** Returns the number of this start: one more than that of the data plane before. */
  public long epoch() {
    return epoch;
  }

  /** Returns the directory of the mapped files. */
  public Path directory() {
    return directory;
  }

  /** Tells readers that the data plane has ended and lets the next one start. The file stays. */
  @Override
  public void close() {
    header.putLongRelease(CountersLayout.CLOSED_OFFSET, 1L);
    lock.close();
  }
}
