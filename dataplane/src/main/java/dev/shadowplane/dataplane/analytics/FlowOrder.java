package dev.shadowplane.dataplane.analytics;

/** What makes one flow larger than another. */
public enum FlowOrder {
  /** Frame bytes of both directions. */
  BYTES,
  /** Packets of both directions. */
  PACKETS;

  long valueOf(FlowView flow) {
    return this == BYTES ? flow.bytes(0) + flow.bytes(1) : flow.packets(0) + flow.packets(1);
  }
}
