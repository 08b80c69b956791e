package dev.shadowplane.control.monitor.series;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps series in files: each second for an hour, each minute for 14 days, each hour for 13 months.
 * A minute is summed up from its seconds when it is over, and with it its hour from its minutes, so
 * that doing it again, as after a kill, gives the same. What was not measured is missing, never 0.
 *
 * <p>A process that is killed loses nothing that was appended. When the clock goes back, seconds
 * are written again in place of those that were there, and minutes and hours summed up again. Safe
 * for several threads; one process at a time.
 */
public final class SeriesStore implements AutoCloseable {
  /** The most series that a store may be told to keep. */
  public static final int MAX_SERIES = 100_000;

  /** After how long without a measurement a series may make room for another, in seconds. */
  public static final int DEAD_AFTER_SECONDS = 3_600;

  private static final Logger LOG = LoggerFactory.getLogger(SeriesStore.class);

  private final Path directory;
  private final int maxSeries;
  private final LongSupplier clockSeconds;
  private final FileChannel lockFile;
  private final SeriesDirectory ids;
  private final Level seconds;
  private final Level minutes;
  private final Level hours;
  private final Map<SeriesKey, Series> series = new HashMap<>();
  private final Object lock = new Object();
  private long currentMinute = Long.MIN_VALUE;
  private long lastEviction = Long.MIN_VALUE;
  private long refusedSeries;
  private long latePoints;

  private SeriesStore(
      final Path directory,
      final int maxSeries,
      final LongSupplier clockSeconds,
      final FileChannel lockFile)
      throws IOException {
    this.directory = directory;
    this.maxSeries = maxSeries;
    this.clockSeconds = clockSeconds;
    this.lockFile = lockFile;
    // Room for series that take the place of others within the time of a segment.
    final int capacity = maxSeries + maxSeries / 8 + 16;
    ids = SeriesDirectory.open(directory);
    seconds = Level.open(directory.resolve("second"), Resolution.SECOND, capacity);
    minutes = Level.open(directory.resolve("minute"), Resolution.MINUTE, capacity);
    hours = Level.open(directory.resolve("hour"), Resolution.HOUR, capacity);
  }

  /**
   * Opens a store, or makes one.
   *
   * @param directory its files; of nobody else.
   * @param maxSeries the most series, 1 to 100,000.
   * @param clockSeconds the time now, in seconds since 1970.
   * @throws SeriesException if it cannot be used.
   */
  public static SeriesStore open(
      final Path directory, final int maxSeries, final LongSupplier clockSeconds) {
    try {
      Files.createDirectories(directory);
      final FileChannel lockFile =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean opened = false;
      try {
        if (tryLock(lockFile) == null) {
          throw new SeriesException(
              directory + " is used by another process: stop it, or name another folder");
        }
        final SeriesStore store = new SeriesStore(directory, maxSeries, clockSeconds, lockFile);
        store.recover();
        opened = true;
        return store;
      } finally {
        if (!opened) {
          lockFile.close();
        }
      }
    } catch (IOException e) {
      throw new SeriesException(
          "the series in " + directory + " cannot be opened (" + e + "): see its permissions", e);
    }
  }

  private static @Nullable FileLock tryLock(final FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Finds when each series was last written, and sums up what a killed process did not. */
  private void recover() throws IOException {
    final Map<Integer, Series> byId = new HashMap<>();
    ids.ids()
        .forEach((key, id) -> {
          final Series known = new Series(key, id);
          series.put(key, known);
          byId.put(id, known);
        });
    for (final Level level : List.of(hours, minutes)) {
      for (final long start : level.starts()) {
        level.forEachSeries(
            start,
            id -> {
              final Series known = byId.get(id);
              if (known != null) {
                known.lastSecond = Math.max(known.lastSecond, start);
              }
            });
      }
    }
    final SortedSet<Long> begun = new TreeSet<>();
    for (final Series known : byId.values()) {
      for (final long start : seconds.starts()) {
        seconds.visit(
            known.id,
            start,
            start + Resolution.SECOND.segmentSeconds(),
            (at, point) -> {
              known.lastSecond = at;
              known.lastValue = point.last;
              begun.add(Resolution.MINUTE.floor(at));
            });
      }
    }
    currentMinute = begun.isEmpty() ? Long.MIN_VALUE : begun.last();
    for (final long minute : begun.headSet(currentMinute)) {
      if (!minutes.isSealed(minute)) {
        sumUp(seconds, minutes, minute, Resolution.SECOND, Resolution.MINUTE);
      }
    }
    final SortedSet<Long> hoursBegun = new TreeSet<>();
    begun.forEach(minute -> hoursBegun.add(Resolution.HOUR.floor(minute)));
    for (final long hour : hoursBegun) {
      if (!hours.isSealed(hour)) {
        sumUp(minutes, hours, hour, Resolution.MINUTE, Resolution.HOUR);
      }
    }
  }

  /**
   * Finds a series, or begins it.
   *
   * @return the series; null if there are as many as may be and none is dead, which is counted.
   * @throws SeriesException if it cannot be written.
   */
  public @Nullable Series series(final SeriesKey key) {
    synchronized (lock) {
      final Series known = series.get(key);
      if (known != null) {
        return known;
      }
      try {
        if (series.size() >= maxSeries && !forgetDead()) {
          refusedSeries++;
          return null;
        }
        final Series begun = new Series(key, ids.add(key));
        begun.lastSecond = clockSeconds.getAsLong();
        series.put(key, begun);
        return begun;
      } catch (IOException e) {
        throw unwritable(e);
      }
    }
  }

  /** Forgets the series that is dead for longest, looking for one once a second at most. */
  private boolean forgetDead() throws IOException {
    final long now = clockSeconds.getAsLong();
    if (lastEviction == now) {
      return false;
    }
    final Series oldest =
        series.values().stream().min(Comparator.comparingLong(Series::lastSecond)).orElseThrow();
    if (oldest.lastSecond > now - DEAD_AFTER_SECONDS) {
      lastEviction = now;
      return false;
    }
    ids.remove(oldest.key());
    series.remove(oldest.key());
    oldest.forgotten = true;
    return true;
  }

  /**
   * Appends measurements of one second.
   *
   * @param second when, in seconds since 1970.
   * @param measurements each of another series; what is not a finite number is missing.
   * @throws SeriesException if they cannot be written, as when the disk is full; some may be.
   */
  public void append(final long second, final List<Measurement> measurements) {
    synchronized (lock) {
      try {
        final long minute = Resolution.MINUTE.floor(second);
        if (minute != currentMinute) {
          if (currentMinute != Long.MIN_VALUE) {
            sumUp(seconds, minutes, currentMinute, Resolution.SECOND, Resolution.MINUTE);
            final long hour = Resolution.HOUR.floor(currentMinute);
            sumUp(minutes, hours, hour, Resolution.MINUTE, Resolution.HOUR);
          }
          currentMinute = minute;
        }
        final Aggregate point = new Aggregate();
        for (final Measurement measurement : measurements) {
          if (Double.isFinite(measurement.value())) {
            append(second, measurement.series(), measurement.value(), point);
          }
        }
      } catch (IOException e) {
        throw unwritable(e);
      } catch (InternalError e) {
        // What a store into a mapped file throws when the disk has no page for it.
        throw new SeriesException(
            "no room on the disk of " + directory + ": free some, or keep fewer series", e);
      }
    }
  }

  private void append(final long second, final Series to, final double value, final Aggregate point)
      throws IOException {
    if (to.forgotten) {
      refusedSeries++;
      return;
    }
    point.clear();
    point.add(value);
    if (seconds.write(to.id, second, point)) {
      to.lastSecond = second;
      to.lastValue = value;
    } else {
      latePoints++;
    }
  }

  private void sumUp(
      final Level from,
      final Level to,
      final long start,
      final Resolution fine,
      final Resolution coarse)
      throws IOException {
    final List<Integer> written = new ArrayList<>();
    from.forEachSeries(start, written::add);
    final Aggregate sum = new Aggregate();
    final Aggregate part = new Aggregate();
    for (final int id : written) {
      sum.clear();
      for (long at = start; at < start + coarse.seconds(); at += fine.seconds()) {
        from.read(id, at, part);
        sum.add(part);
      }
      if (!sum.isEmpty() && !to.write(id, start, sum)) {
        latePoints++;
      }
    }
  }

  /**
   * The points of a series.
   *
   * @param key the series.
   * @param fromSecond from when, in seconds since 1970.
   * @param toSecond to before when.
   * @param stepSeconds the time of a point, at least 1. It is made longer, to a whole number of
   *     minutes or hours, where what is asked for is no longer kept that finely.
   * @return the points with something in them, by time, each beginning at a multiple of its step.
   * @throws IllegalArgumentException if a bound is exceeded; the message names it.
   */
  public List<Point> query(
      final SeriesKey key, final long fromSecond, final long toSecond, final long stepSeconds) {
    final StepQuery query =
        StepQuery.of(fromSecond, toSecond, stepSeconds, clockSeconds.getAsLong());
    synchronized (lock) {
      final Series asked = series.get(key);
      return asked == null
          ? List.of()
          : switch (query.resolution()) {
            case SECOND -> query.points(asked.id, seconds);
            case MINUTE -> query.points(asked.id, minutes);
            case HOUR -> query.points(asked.id, hours);
          };
    }
  }

  /** Whether there is a series. */
  public boolean contains(final SeriesKey key) {
    synchronized (lock) {
      return series.containsKey(key);
    }
  }

  /** The series that a selector selects, by name. */
  public List<Series> list(final Selector selector) {
    synchronized (lock) {
      final Stream<Series> selected =
          series.values().stream().filter(one -> selector.matches(one.key()));
      return selected.sorted(Comparator.comparing(one -> one.key().toString())).toList();
    }
  }

  /**
   * Writes history in place of what was there of its minutes and hours: minutes of the latest 14
   * days, and hours of the latest 13 months.
   *
   * @param history measurements by series, of each series by time.
   * @throws IllegalArgumentException if something is older, or later than a day from now, or there
   *     is no room for the series; the message says which. Nothing is written then.
   * @throws SeriesException if it cannot be written; a part may be.
   */
  public void importHistory(final Map<SeriesKey, List<Sample>> history) {
    final long now = clockSeconds.getAsLong();
    history.forEach((key, samples) -> samples.forEach(sample -> sample.check(key, now)));
    synchronized (lock) {
      final long begun = history.keySet().stream().filter(key -> !series.containsKey(key)).count();
      if (series.size() + begun > maxSeries) {
        throw new IllegalArgumentException(
            begun + " more series would be more than " + maxSeries + ": raise 'max-series'");
      }
      try {
        final Map<Integer, List<Sample>> byId = new LinkedHashMap<>();
        history.forEach((key, samples) -> {
          final Series to = series(key);
          if (to != null && !samples.isEmpty()) {
            byId.put(to.id, samples);
          }
        });
        latePoints +=
            History.write(byId, now - Resolution.MINUTE.retentionSeconds(), minutes)
                + History.write(byId, Long.MIN_VALUE, hours);
      } catch (IOException e) {
        throw unwritable(e);
      }
    }
  }

  /**
   * Packs what is over; to be called every few minutes, from a thread that may wait for the disk.
   *
   * @throws SeriesException if the disk cannot be written.
   */
  public void pack() {
    try {
      minutes.seal(lock);
      hours.seal(lock);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** How many series there are, and what was refused since the store was opened. */
  public Gauges gauges() {
    synchronized (lock) {
      return new Gauges(series.size(), maxSeries, refusedSeries, latePoints);
    }
  }

  /**
   * How full the store is.
   *
   * @param series series in it.
   * @param maxSeries the most there may be.
   * @param refusedSeries how often a series was refused because there were as many.
   * @param latePoints points refused because there was no room for them.
   */
  public record Gauges(int series, int maxSeries, long refusedSeries, long latePoints) {}

  /**
   * One value to append.
   *
   * @param series of what.
   * @param value the value.
   */
  public record Measurement(Series series, double value) {}

  private SeriesException unwritable(final IOException e) {
    return new SeriesException(
        "the series in " + directory + " cannot be written (" + e + "): see disk and permissions",
        e);
  }

  @Override
  public void close() {
    synchronized (lock) {
      seconds.close();
      minutes.close();
      hours.close();
      try {
        ids.close();
        lockFile.close();
      } catch (IOException e) {
        LOG.warn("the series in {}: {}", directory, e.getMessage());
      }
    }
  }
}
