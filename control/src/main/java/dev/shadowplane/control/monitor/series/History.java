package dev.shadowplane.control.monitor.series;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Writes measurements of the past. */
final class History {
  private History() {}

  /**
   * Sums them up by the points of a level, in place of what was there.
   *
   * @param history by series.
   * @param from none before this second.
   * @return segments for which there was no room: the oldest.
   */
  static int write(final Map<Integer, List<Sample>> history, final long from, final Level level)
      throws IOException {
    final Resolution resolution = level.resolution();
    final NavigableMap<Long, Map<Integer, Chunk>> segments = new TreeMap<>();
    final Aggregate point = new Aggregate();
    history.forEach((id, samples) -> {
      for (final Sample sample : samples) {
        if (sample.second() >= from) {
          final long start = resolution.segmentStart(sample.second());
          final Chunk chunk =
              segments
                  .computeIfAbsent(start, _ -> new TreeMap<>())
                  .computeIfAbsent(id, _ -> new Chunk(resolution.rows()));
          final int row = (int) ((sample.second() - start) / resolution.seconds());
          chunk.get(row, point);
          point.add(sample.value());
          chunk.put(row, point);
        }
      }
    });
    int refused = 0;
    for (final Map.Entry<Long, Map<Integer, Chunk>> segment : segments.descendingMap().entrySet()) {
      if (!level.merge(segment.getKey(), segment.getValue())) {
        refused++;
      }
    }
    return refused;
  }
}
