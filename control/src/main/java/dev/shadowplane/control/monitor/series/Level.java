package dev.shadowplane.control.monitor.series;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments of one resolution: files in a folder, named by where they begin. Their number is
 * bounded whatever the clock does: beyond it the one farthest from what was last written is
 * deleted. A file changes its form, or is made, under another name and then takes its own, so that
 * it is always whole. Calls are made under the lock of the store, but for {@link #seal}, which
 * takes it.
 */
final class Level implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Level.class);
  private static final String SUFFIX = ".segment";
  private static final String TEMPORARY = ".tmp";
  private static final int SEAL_BATCH = 64;

  private final Path directory;
  private final Resolution resolution;
  private final int capacity;
  private final TreeMap<Long, Segment> segments = new TreeMap<>();
  private final Map<Long, Long> changesSeen = new HashMap<>();
  private final Chunk chunk;
  private long present = Long.MAX_VALUE;

  private Level(final Path directory, final Resolution resolution, final int capacity) {
    this.directory = directory;
    this.resolution = resolution;
    this.capacity = capacity;
    this.chunk = new Chunk(resolution.rows());
  }

  /** Opens what is there; a damaged file is named, set aside and no longer counts. */
  static Level open(final Path directory, final Resolution resolution, final int capacity)
      throws IOException {
    Files.createDirectories(directory);
    final Level level = new Level(directory, resolution, capacity);
    final List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(files::add);
    }
    for (final Path file : files) {
      final String name = file.getFileName().toString();
      if (name.endsWith(TEMPORARY)) {
        Files.deleteIfExists(file);
      } else if (name.matches("-?[0-9]{1,15}" + SUFFIX)) {
        level.openFile(file, Long.parseLong(name.substring(0, name.length() - SUFFIX.length())));
      }
    }
    return level;
  }

  private void openFile(final Path file, final long start) throws IOException {
    try {
      segments.put(start, openSegment(file, start));
    } catch (IOException e) {
      LOG.warn("{} {}: its points are lost; it is kept as {}.damaged", file, e.getMessage(), file);
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".damaged"),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Segment openSegment(final Path file, final long start) throws IOException {
    final ByteBuffer magic = ByteBuffer.allocate(Long.BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(magic);
    }
    return magic.getLong(0) == SealedSegment.MAGIC
        ? SealedSegment.open(file, resolution, start)
        : RawSegment.open(file, resolution, start);
  }

  /**
   * Writes a point of the present.
   *
   * @return false if there is no room for its series.
   */
  boolean write(final int series, final long second, final Aggregate point) throws IOException {
    present = resolution.segmentStart(second);
    final RawSegment segment = writable(present);
    return segment != null && segment.write(series, second, point);
  }

  private @Nullable RawSegment writable(final long start) throws IOException {
    final Segment segment = segments.get(start);
    if (segment instanceof RawSegment raw) {
      return raw;
    }
    if (segment == null) {
      if (hasNoRoom(start)) {
        return null;
      }
      final Path made = temporary(start);
      RawSegment.create(made, resolution, start, capacity);
      return (RawSegment) replace(start, made);
    }
    return unseal((SealedSegment) segment);
  }

  private boolean hasNoRoom(final long start) {
    return segments.size() >= resolution.maxSegments() && distance(start) >= distance(farthest());
  }

  private long farthest() {
    return distance(segments.firstKey()) >= distance(segments.lastKey())
        ? segments.firstKey()
        : segments.lastKey();
  }

  private long distance(final long start) {
    return Math.abs((present == Long.MAX_VALUE ? segments.lastKey() : present) - start);
  }

  private RawSegment unseal(final SealedSegment sealed) throws IOException {
    final Path made = temporary(sealed.start());
    RawSegment.create(made, resolution, sealed.start(), capacity);
    final Aggregate point = new Aggregate();
    try (RawSegment raw = RawSegment.open(made, resolution, sealed.start())) {
      sealed.forEachSeries(series -> {
        sealed.load(series, chunk);
        for (int row = 0; row < resolution.rows(); row++) {
          if (chunk.count[row] > 0) {
            chunk.get(row, point);
            raw.write(series, sealed.start() + (long) row * resolution.seconds(), point);
          }
        }
      });
    }
    return (RawSegment) replace(sealed.start(), made);
  }

  /** Gives a whole file its name, and opens it in place of what had it. */
  private Segment replace(final long start, final Path made) throws IOException {
    final Path file = file(start);
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    final Segment before = segments.remove(start);
    if (before != null) {
      before.close();
    }
    final Segment segment = openSegment(file, start);
    segments.put(start, segment);
    while (segments.size() > resolution.maxSegments()) {
      final long farthest = farthest();
      Objects.requireNonNull(segments.remove(farthest)).close();
      Files.deleteIfExists(file(farthest));
    }
    return segment;
  }

  /** Reads a point; an empty one if there is none. */
  void read(final int series, final long second, final Aggregate into) {
    final long start = resolution.segmentStart(second);
    into.clear();
    switch (segments.get(start)) {
      case RawSegment raw -> raw.read(series, second, into);
      case SealedSegment sealed -> {
        if (sealed.load(series, chunk)) {
          chunk.get((int) ((second - start) / resolution.seconds()), into);
        }
      }
      case null -> {}
    }
  }

  /** Visits the points of a series that begin from a second to before another, by time. */
  void visit(final int series, final long from, final long to, final PointVisitor visitor) {
    final Aggregate point = new Aggregate();
    for (final Segment segment :
        segments.subMap(resolution.segmentStart(from), Math.max(to, from)).values()) {
      if (!segment.load(series, chunk)) {
        continue;
      }
      for (int row = 0; row < resolution.rows(); row++) {
        final long second = segment.start() + (long) row * resolution.seconds();
        if (chunk.count[row] > 0 && second >= from && second < to) {
          chunk.get(row, point);
          visitor.point(second, point);
        }
      }
    }
  }

  /** Visits the series with points in the segment of a second. */
  void forEachSeries(final long second, final IntConsumer visitor) {
    final Segment segment = segments.get(resolution.segmentStart(second));
    if (segment != null) {
      segment.forEachSeries(visitor);
    }
  }

  /** How finely its points are kept. */
  Resolution resolution() {
    return resolution;
  }

  /** Where the segments begin, by time. */
  List<Long> starts() {
    return List.copyOf(segments.keySet());
  }

  /** Whether the segment of a second is packed: all there was to write to it was. */
  boolean isSealed(final long second) {
    return segments.get(resolution.segmentStart(second)) instanceof SealedSegment;
  }

  /**
   * Writes points of several series of one segment in place of what was there.
   *
   * @param start where the segment begins.
   * @param points by series, what is not to change empty.
   * @return false if there is no room, other segments being nearer to the present.
   */
  boolean merge(final long start, final Map<Integer, Chunk> points) throws IOException {
    final Aggregate point = new Aggregate();
    if (segments.get(start) instanceof SealedSegment sealed) {
      final Map<Integer, Chunk> merged = new TreeMap<>();
      points.forEach((series, changed) -> {
        final Chunk whole = new Chunk(resolution.rows());
        sealed.load(series, whole);
        for (int row = 0; row < resolution.rows(); row++) {
          if (changed.count[row] > 0) {
            changed.get(row, point);
            whole.put(row, point);
          }
        }
        merged.put(series, whole);
      });
      final Path made = temporary(start);
      try (SealedSegment.Writer writer = new SealedSegment.Writer(made)) {
        sealed.copyWith(merged, writer);
        writer.finish(resolution, start);
      }
      replace(start, made);
      return true;
    }
    final RawSegment raw = writable(start);
    boolean written = raw != null;
    for (final Map.Entry<Integer, Chunk> entry : points.entrySet()) {
      for (int row = 0; raw != null && row < resolution.rows(); row++) {
        if (entry.getValue().count[row] > 0) {
          entry.getValue().get(row, point);
          written &= raw.write(entry.getKey(), start + (long) row * resolution.seconds(), point);
        }
      }
    }
    return written;
  }

  /** Packs segments that are over and have not changed since the call before. */
  void seal(final Object lock) throws IOException {
    final List<RawSegment> over = new ArrayList<>();
    synchronized (lock) {
      for (final Segment segment : segments.values()) {
        if (segment instanceof RawSegment raw && segment.start() != segments.lastKey()) {
          final Long seen = changesSeen.put(raw.start(), raw.changes());
          if (seen != null && seen == raw.changes()) {
            over.add(raw);
          }
        }
      }
      changesSeen.keySet().retainAll(segments.keySet());
    }
    for (final RawSegment segment : over) {
      seal(segment, lock);
    }
  }

  private void seal(final RawSegment segment, final Object lock) throws IOException {
    final List<Integer> series = new ArrayList<>();
    final long changes;
    synchronized (lock) {
      if (segments.get(segment.start()) != segment) {
        return;
      }
      changes = segment.changes();
      segment.forEachSeries(series::add);
    }
    final Path made = directory.resolve(segment.start() + ".seal" + TEMPORARY);
    try (SealedSegment.Writer writer = new SealedSegment.Writer(made)) {
      for (int from = 0; from < series.size(); from += SEAL_BATCH) {
        final Map<Integer, Chunk> batch = new TreeMap<>();
        synchronized (lock) {
          if (segments.get(segment.start()) != segment || segment.changes() != changes) {
            return;
          }
          for (final int id : series.subList(from, Math.min(series.size(), from + SEAL_BATCH))) {
            final Chunk points = new Chunk(resolution.rows());
            if (segment.load(id, points)) {
              batch.put(id, points);
            }
          }
        }
        for (final Map.Entry<Integer, Chunk> points : batch.entrySet()) {
          writer.add(points.getKey(), points.getValue().pack());
        }
      }
      writer.finish(resolution, segment.start());
      synchronized (lock) {
        if (segments.get(segment.start()) == segment && segment.changes() == changes) {
          replace(segment.start(), made);
        }
      }
    } finally {
      Files.deleteIfExists(made);
    }
  }

  private Path file(final long start) {
    return directory.resolve(start + SUFFIX);
  }

  private Path temporary(final long start) {
    return directory.resolve(start + TEMPORARY);
  }

  @Override
  public void close() {
    segments.values().forEach(Segment::close);
    segments.clear();
  }

  /** Takes points. */
  @FunctionalInterface
  interface PointVisitor {
    /** Takes a point, which is only valid meanwhile. */
    void point(long second, Aggregate point);
  }
}
