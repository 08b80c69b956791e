package dev.shadowplane.dataplane.telemetry;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;
import org.jspecify.annotations.Nullable;

/**
 * A reader's view of a data plane's counters, from any process that may read the file. Maps it
 * read-only. Any thread; a mapping that {@link #refresh} replaced goes with the garbage.
 */
public final class CountersView {
  /** A heartbeat older than this means that the data plane is dead or stuck. */
  public static final long DEAD_AFTER_MS = 5_000;

  // Where /proc hides the processes of other users, a live one looks gone: so only a heartbeat that
  // is late as well, by several of its intervals, makes a missing process a dead one.
  private static final long LATE_AFTER_MS = 500;

  private final Path file;
  private volatile Mapping mapping;

  private CountersView(final Path file, final Mapping mapping) {
    this.file = file;
    this.mapping = mapping;
  }

  /** One mapped file. */
  private record Mapping(@Nullable Object fileKey, UnsafeBuffer header, CountersReader counters) {
    long field(final int offset) {
      return header.getLongVolatile(offset);
    }
  }

  /**
   * Opens the counters of the data plane that uses the directory, or used it last.
   *
   * @throws TelemetryException when there is none, or its layout is not the one of this program.
   */
  public static CountersView open(final Path directory) {
    final Path file = directory.resolve(TelemetryFiles.COUNTERS);
    return new CountersView(file, map(file));
  }

  /**
   * Follows to the counters of a data plane that was started since.
   *
   * @return true when another file is shown from now on.
   * @throws TelemetryException when the new file cannot be read; the view then stays as it was.
   */
  public boolean refresh() {
    try {
      final Object fileKey = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      if (fileKey == null || fileKey.equals(mapping.fileKey)) {
        return false;
      }
    } catch (final IOException e) {
      // Deleted or unreadable: what is mapped stays what there is to show.
      return false;
    }
    final Mapping next = map(file);
    final boolean other = next.field(CountersLayout.EPOCH_OFFSET) != epoch();
    mapping = next;
    return other;
  }

  /**
   * Returns whether the data plane runs: it has not closed the file and its heartbeat is fresh, or
   * at least late with its process still there.
   */
  public boolean isAlive() {
    final Mapping shown = mapping;
    final long ageMs =
        Math.abs(System.currentTimeMillis() - shown.field(CountersLayout.HEARTBEAT_OFFSET));
    if (shown.field(CountersLayout.CLOSED_OFFSET) != 0 || ageMs > DEAD_AFTER_MS) {
      return false;
    }
    return ageMs <= LATE_AFTER_MS
        || !Processes.isGone(
            shown.field(CountersLayout.PID_OFFSET),
            shown.field(CountersLayout.PID_NAMESPACE_OFFSET));
  }

  /** Returns the number of the data plane's start. */
  public long epoch() {
    return mapping.field(CountersLayout.EPOCH_OFFSET);
  }

  /** Returns the data plane's pid, in its own pid namespace. */
  public long pid() {
    return mapping.field(CountersLayout.PID_OFFSET);
  }

  /** Returns when the data plane was started, ms since 1970. */
  public long startTimeMs() {
    return mapping.field(CountersLayout.START_TIME_OFFSET);
  }

  /** Returns when the data plane last said that it lives, ms since 1970. */
  public long heartbeatMs() {
    return mapping.field(CountersLayout.HEARTBEAT_OFFSET);
  }

  /**
   * Visits every counter in use, in order of allocation. Each value is read whole; together they
   * are not one moment, as the data plane goes on.
   */
  public void forEach(final CounterVisitor visitor) {
    final CountersReader counters = mapping.counters;
    for (int id = 0; id <= counters.maxCounterId(); id++) {
      final int state = counters.getCounterState(id);
      if (state == CountersReader.RECORD_UNUSED) {
        return;
      }
      if (state == CountersReader.RECORD_ALLOCATED) {
        final int typeId = counters.getCounterTypeId(id);
        final String label = counters.getCounterLabel(id);
        final long value = counters.getCounterValue(id);
        // Freed meanwhile: its place is not reused for seconds, so this look is enough.
        if (counters.getCounterState(id) == CountersReader.RECORD_ALLOCATED) {
          visitor.counter(id, typeId, label, value);
        }
      }
    }
  }

  /** Returns the value of the counter with this id, as {@link #forEach} names it. */
  public long value(final int id) {
    return mapping.counters.getCounterValue(id);
  }

  /**
   * Visits every counter as {@link #forEach} does, but revisions, and those that several workers
   * share as one: their sum, under the id of the first and the label without a worker.
   */
  public void forEachTotal(final CounterVisitor visitor) {
    final Map<String, Total> totals = new LinkedHashMap<>();
    forEach((id, typeId, label, value) -> {
      final String shared = CounterTypes.withoutWorker(label);
      if (typeId != CounterTypes.RULE || !shared.endsWith('.' + CounterTypes.REVISION)) {
        totals.merge(
            shared,
            new Total(id, typeId, value),
            (sum, share) -> new Total(sum.id, sum.typeId, sum.value + share.value));
      }
    });
    totals.forEach((label, total) -> visitor.counter(total.id, total.typeId, label, total.value));
  }

  private record Total(int id, int typeId, long value) {}

  /**
   * Returns the value of the counter with this label, over all workers, or empty when there is none
   * in use.
   */
  public OptionalLong value(final String label) {
    final OptionalLong[] found = {OptionalLong.empty()};
    forEach((counterId, typeId, candidate, value) -> {
      if (CounterTypes.withoutWorker(candidate).equals(label)) {
        found[0] = OptionalLong.of(found[0].orElse(0) + value);
      }
    });
    return found[0];
  }

  private static Mapping map(final Path file) {
    try {
      final Object fileKey = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      final MappedByteBuffer bytes = TelemetryFiles.map(file, MapMode.READ_ONLY);
      if (bytes.capacity() < CountersLayout.HEADER_LENGTH) {
        throw notCounters(file);
      }
      final UnsafeBuffer header = new UnsafeBuffer(bytes, 0, CountersLayout.HEADER_LENGTH);
      if (header.getLongVolatile(CountersLayout.MAGIC_OFFSET) != CountersLayout.MAGIC) {
        throw notCounters(file);
      }
      final int version = header.getInt(CountersLayout.VERSION_OFFSET);
      if (version != CountersLayout.VERSION) {
        throw new TelemetryException(
            file
                + " has layout version "
                + version
                + " and this program reads "
                + CountersLayout.VERSION
                + ": run the same release on both sides");
      }
      final int count = header.getInt(CountersLayout.COUNT_OFFSET);
      if (count < 1
          || count > CountersFile.MAX_COUNTERS
          || CountersLayout.fileLength(count) != bytes.capacity()) {
        throw notCounters(file);
      }
      return new Mapping(
          fileKey,
          header,
          new CountersReader(
              CountersLayout.metadata(bytes, count), CountersLayout.values(bytes, count)));
    } catch (final NoSuchFileException e) {
      throw new TelemetryException(
          file + " does not exist: start the data plane, or name its directory", e);
    } catch (final IOException e) {
      throw new TelemetryException("cannot read " + file + ": " + e, e);
    }
  }

  private static TelemetryException notCounters(final Path file) {
    return new TelemetryException(
        file + " is not a counters file, or is damaged: restart the data plane");
  }
}
