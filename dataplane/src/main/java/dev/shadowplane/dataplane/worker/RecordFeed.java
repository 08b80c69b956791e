package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.config.RecordsConfig;
import dev.shadowplane.dataplane.telemetry.RecordRing;

/**
 * Where a worker writes packet records, and what is in them.
 *
 * @param ring the worker's while its plan has the feed
 * @param config what records hold
 * @param holdNs how long, at least, an adaptive profile keeps to few flows
 */
public record RecordFeed(RecordRing ring, RecordsConfig config, long holdNs) {
  private static final long SECOND_NS = 1_000_000_000;

  /**
   * Keeps to few flows for a second.
   *
   * @param ring the worker's while its plan has the feed
   * @param config what records hold
   */
  public RecordFeed(RecordRing ring, RecordsConfig config) {
    this(ring, config, SECOND_NS);
  }
}
