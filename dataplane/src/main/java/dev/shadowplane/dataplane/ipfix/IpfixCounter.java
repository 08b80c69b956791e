package dev.shadowplane.dataplane.ipfix;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What an exporter publishes about itself. Each but {@link #CONNECTED} only grows. */
public enum IpfixCounter {
  /** 1 while messages can be sent. */
  CONNECTED("connected"),
  /** Transport sessions begun; sequence numbers begin again with each. */
  SESSIONS("sessions"),
  /** Messages handed to the kernel. */
  MESSAGES("messages"),
  /** Data records in them. */
  RECORDS("records"),
  /** Template records in them. */
  TEMPLATES("templates"),
  /** Data records that the kernel refused, or whose datagram nobody listened for. */
  MISSED_REFUSED("missed.refused"),
  /** Data records that were to be sent when the session ended. */
  MISSED_CONNECTION_LOST("missed.connection-lost"),
  /** Flows that found the queue to the exporter full: the collector is away or too slow. */
  MISSED_QUEUE_FULL("missed.queue-full"),
  /** Flows and data records that were not sent in time when the exporter was closed. */
  MISSED_CLOSED("missed.closed");

  /** Those of records and flows that no collector was told of. */
  public static final Set<IpfixCounter> MISSED =
      Collections.unmodifiableSet(EnumSet.range(MISSED_REFUSED, MISSED_CLOSED));

  private final String text;

  IpfixCounter(String text) {
    this.text = text;
  }

  /**
   * The name as output writes it.
   *
   * @return lower case, words joined by hyphens
   */
  public String text() {
    return text;
  }
}
