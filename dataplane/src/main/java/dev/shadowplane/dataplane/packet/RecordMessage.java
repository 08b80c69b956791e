package dev.shadowplane.dataplane.packet;

/**
 * The layout of a message in a record ring: the time of one burst, then the {@link PacketRecord}s
 * of its frames back to back, each as long as its kind says. A message without records only tells
 * the time. Integers are little-endian.
 */
public final class RecordMessage {
  /** The ring's message type. */
  public static final int TYPE = 1;

  /** i64: time the burst was received, ns since 1970. */
  public static final int TIMESTAMP_NS = 0;

  /** i32: how many records follow. */
  public static final int COUNT = 8;

  /** Where the records begin; the four bytes before are reserved, 0. */
  public static final int RECORDS = 16;

  private RecordMessage() {}
}
