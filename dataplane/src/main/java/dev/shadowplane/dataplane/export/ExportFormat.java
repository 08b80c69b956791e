package dev.shadowplane.dataplane.export;

/** Formats of exported files, both with nanoseconds. */
public enum ExportFormat {
  /** With interfaces, directions, comments and counters. */
  PCAPNG,
  /** Frames alone, for tools that read nothing newer; of one link type. */
  PCAP
}
