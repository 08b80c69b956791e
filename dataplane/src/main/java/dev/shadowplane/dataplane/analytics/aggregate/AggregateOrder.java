package dev.shadowplane.dataplane.analytics.aggregate;

/** What makes one sum larger than another. */
public enum AggregateOrder {
  /** Bytes of frames. */
  BYTES,
  /** Packets. */
  PACKETS,
  /** Flows that began. */
  FLOWS;

  long valueOf(AggregateRow row) {
    return switch (this) {
      case BYTES -> row.atLeast().bytes();
      case PACKETS -> row.atLeast().packets();
      case FLOWS -> row.atLeast().flows();
    };
  }
}
