package dev.shadowplane.control.monitor.series;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What a store ought to answer, worked out from every measurement there ever was. */
final class SeriesModel {
  private final NavigableMap<Long, Double> measured = new TreeMap<>();

  void put(final long second, final double value) {
    measured.put(second, value);
  }

  /** Steps of seconds, minutes of seconds, or hours of minutes of seconds. */
  List<Point> query(final long from, final long to, final int step) {
    final int part = step % 3_600 == 0 ? 3_600 : step % 60 == 0 ? 60 : 1;
    final List<Point> points = new ArrayList<>();
    for (long at = Math.floorDiv(from, step) * step; at < to; at += step) {
      final Aggregate sum = new Aggregate();
      for (long in = at; in < at + step; in += part) {
        sum.add(part(in, part));
      }
      if (!sum.isEmpty()) {
        points.add(sum.point(at, step));
      }
    }
    return points;
  }

  private Aggregate part(final long from, final int length) {
    final Aggregate sum = new Aggregate();
    if (length == 3_600) {
      for (long minute = from; minute < from + length; minute += 60) {
        sum.add(part(minute, 60));
      }
      return sum;
    }
    for (final Map.Entry<Long, Double> one : measured.subMap(from, from + length).entrySet()) {
      sum.add(one.getValue());
    }
    return sum;
  }
}
