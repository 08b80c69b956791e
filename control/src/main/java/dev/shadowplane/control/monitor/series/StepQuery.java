package dev.shadowplane.control.monitor.series;

import java.util.ArrayList;
import java.util.List;

/**
 * Which points are asked for.
 *
 * @param from from when, in seconds since 1970.
 * @param to to before when.
 * @param step the time of a point, in seconds.
 */
record StepQuery(long from, long to, int step) {
  /** The most points of an answer. */
  static final int MAX_POINTS = 25_000;

  /** Makes steps as long as what is kept of so long ago needs. */
  static StepQuery of(final long from, final long to, final long step, final long now) {
    if (step < 1 || step > Resolution.HOUR.retentionSeconds()) {
      throw new IllegalArgumentException(
          "step is " + step + " s: write 1s to 396d, the time that is kept");
    }
    final long age = now - from;
    final int unit =
        (age <= Resolution.SECOND.retentionSeconds()
                ? Resolution.SECOND
                : age <= Resolution.MINUTE.retentionSeconds() ? Resolution.MINUTE : Resolution.HOUR)
            .seconds();
    final int possible = (int) ((step + unit - 1) / unit * unit);
    if (to < from || (to - from) / possible > MAX_POINTS) {
      throw new IllegalArgumentException(
          "from "
              + from
              + " to "
              + to
              + " in steps of "
              + possible
              + " s are no 0 to "
              + MAX_POINTS
              + " points: ask for less time, or longer steps");
    }
    return new StepQuery(from, to, possible);
  }

  /** The coarsest that steps are whole multiples of. */
  Resolution resolution() {
    return step % Resolution.HOUR.seconds() == 0
        ? Resolution.HOUR
        : step % Resolution.MINUTE.seconds() == 0 ? Resolution.MINUTE : Resolution.SECOND;
  }

  /** The points of a series, of the level of its resolution. */
  List<Point> points(final int series, final Level level) {
    final List<Point> points = new ArrayList<>();
    final Aggregate sum = new Aggregate();
    final long[] current = {Math.floorDiv(from, step)};
    final long end = Math.ceilDiv(to, step) * step;
    level.visit(
        series,
        current[0] * step,
        end,
        (second, point) -> {
          final long in = Math.floorDiv(second, step);
          if (in != current[0]) {
            flush(sum, current[0] * step, points);
            current[0] = in;
          }
          sum.add(point);
        });
    flush(sum, current[0] * step, points);
    return points;
  }

  private void flush(final Aggregate sum, final long second, final List<Point> points) {
    if (!sum.isEmpty()) {
      points.add(sum.point(second, step));
      sum.clear();
    }
  }
}
