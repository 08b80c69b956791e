package dev.shadowplane.dataplane.telemetry;

import org.agrona.concurrent.AtomicBuffer;

/** WIP. */
@SuppressWarnings("DoNotCallSuggester")
public final class RecordRing {
  /** Message type of a batch of records. */
  public static final int BATCH_TYPE = 1;

  /** Offset of the timestamp of the burst, i64, ns since 1970. */
  public static final int BATCH_TIMESTAMP_OFFSET = 0;

  /** Offset of the number of records, i32. */
  public static final int BATCH_COUNT_OFFSET = 8;

  /** Length of what stands before the first record. */
  public static final int BATCH_HEADER_LENGTH = 16;

  /** Returned by claim: no room, the caller sheds. */
  public static final int FULL = -1;

  /** Returned by claim, for ever: control broke the ring, the caller sheds. */
  public static final int BROKEN = -2;

  /** Claims; offset into buffer(), FULL or BROKEN. */
  public int claim(final int lengthBytes) {
    return 0;
  }

  /** Publishes what was claimed. */
  public void commit(final int offset) {}

  /** Where to write. */
  public AtomicBuffer buffer() {
    throw new UnsupportedOperationException();
  }

  /** Longest claim. */
  public int maxLengthBytes() {
    return 0;
  }
}
