package dev.shadowplane.control.monitor;

import dev.shadowplane.control.monitor.MonitoredNetwork.MeasuredService;

/** Reads what a service tells of itself. */
@FunctionalInterface
public interface MetricsFetcher {
  /**
   * Reads it.
   *
   * @return a text of at most 1 MiB.
   * @throws Exception if that is not possible in about a second; the message is a line for people.
   */
  String fetch(MonitoredNetwork network, MeasuredService service) throws Exception;
}
