package dev.shadowplane.control.api;

import dev.shadowplane.control.monitor.SourceStatus;
import dev.shadowplane.control.monitor.UsageComparison;
import dev.shadowplane.control.monitor.VmUsage;
import dev.shadowplane.control.monitor.series.Point;
import dev.shadowplane.control.monitor.series.Sample;
import dev.shadowplane.control.monitor.series.Selector;
import dev.shadowplane.control.monitor.series.Series;
import dev.shadowplane.control.monitor.series.SeriesKey;
import dev.shadowplane.control.v1.ImportSeriesRequest;
import dev.shadowplane.control.v1.MonitoringSource;
import dev.shadowplane.control.v1.SeriesHistory;
import dev.shadowplane.control.v1.SeriesInfo;
import dev.shadowplane.control.v1.SeriesPoint;
import dev.shadowplane.control.v1.UsageRow;
import dev.shadowplane.control.v1.WatchUsageResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What monitoring tells, as messages of the contract, and back. */
final class MonitoringMessages {
  /** The most points of an import. */
  static final int MAX_IMPORT = 200_000;

  private MonitoringMessages() {}

  static SeriesKey key(final String text) {
    try {
      return SeriesKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw Failures.invalid("series '" + text + "' " + e.getMessage());
    }
  }

  static Selector selector(final String text) {
    try {
      return Selector.parse(text);
    } catch (IllegalArgumentException e) {
      throw Failures.invalid("selector '" + text + "' " + e.getMessage());
    }
  }

  static SeriesInfo of(final Series series) {
    final SeriesInfo.Builder info =
        SeriesInfo.newBuilder()
            .setSeries(series.key().toString())
            .setLastSecond(Math.max(series.lastSecond(), 0));
    finite(series.lastValue(), info::setLastValue);
    return info.build();
  }

  static SeriesPoint of(final Point point) {
    return SeriesPoint.newBuilder()
        .setSecond(point.second())
        .setStepSeconds(point.stepSeconds())
        .setMin(point.min())
        .setMean(point.mean())
        .setMax(point.max())
        .setLast(point.last())
        .setCount(point.count())
        .build();
  }

  static WatchUsageResponse of(final UsageComparison usage) {
    final WatchUsageResponse.Builder response =
        WatchUsageResponse.newBuilder()
            .setSecond(usage.second())
            .setPrimary(usage.primary())
            .setShadow(usage.shadow());
    for (final UsageComparison.Row row : usage.rows()) {
      final UsageRow.Builder message = UsageRow.newBuilder().setVm(row.vm());
      if (row.primary() != null) {
        message.setPrimary(of(row.primary()));
      }
      if (row.shadow() != null) {
        message.setShadow(of(row.shadow()));
      }
      response.addRows(message);
    }
    return response.build();
  }

  private static dev.shadowplane.control.v1.VmUsage of(final VmUsage usage) {
    final dev.shadowplane.control.v1.VmUsage.Builder message =
        dev.shadowplane.control.v1.VmUsage.newBuilder();
    finite(usage.cpuCores(), message::setCpuCores);
    finite(usage.cpuUtilisation(), message::setCpuUtilisation);
    finite(usage.memoryBytes(), message::setMemoryBytes);
    finite(usage.memoryUtilisation(), message::setMemoryUtilisation);
    finite(usage.receivedBytes(), message::setReceivedBytes);
    finite(usage.receivedPackets(), message::setReceivedPackets);
    finite(usage.sentBytes(), message::setSentBytes);
    finite(usage.sentPackets(), message::setSentPackets);
    finite(usage.networkUtilisation(), message::setNetworkUtilisation);
    return message.build();
  }

  private static void finite(final double value, final Consumer<Double> setter) {
    if (Double.isFinite(value)) {
      setter.accept(value);
    }
  }

  static MonitoringSource of(final SourceStatus source) {
    return MonitoringSource.newBuilder()
        .setName(source.name())
        .setLastSecond(source.lastSecond())
        .setMissed(source.missed())
        .setProblem(source.problem())
        .build();
  }

  /** Reads history completely before anything of it is taken. */
  static Map<SeriesKey, List<Sample>> history(final ImportSeriesRequest request) {
    final Map<SeriesKey, List<Sample>> history = new LinkedHashMap<>();
    int points = 0;
    for (final SeriesHistory series : request.getHistoryList()) {
      points += series.getSecondsCount();
      if (series.getSecondsCount() != series.getValuesCount()) {
        throw Failures.invalid(series.getSeries() + " has not as many values as seconds");
      }
      if (points > MAX_IMPORT) {
        throw Failures.invalid(
            "there are more than " + MAX_IMPORT + " points: import them in parts");
      }
      final List<Sample> samples = new ArrayList<>(series.getSecondsCount());
      for (int i = 0; i < series.getSecondsCount(); i++) {
        if (i > 0 && series.getSeconds(i) < series.getSeconds(i - 1)) {
          throw Failures.invalid(series.getSeries() + " goes back in time: sort its points");
        }
        samples.add(new Sample(series.getSeconds(i), series.getValues(i)));
      }
      if (history.put(key(series.getSeries()), samples) != null) {
        throw Failures.invalid(series.getSeries() + " is there twice: import it once");
      }
    }
    return history;
  }
}
