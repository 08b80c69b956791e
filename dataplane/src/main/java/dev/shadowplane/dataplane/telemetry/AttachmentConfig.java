package dev.shadowplane.dataplane.telemetry;

import org.agrona.BitUtil;

/**
 * Sizes and times of the data plane's side of an attachment. Ring sizes are bytes, powers of two
 * from {@value #MIN_RING_BYTES} to {@value #MAX_RING_BYTES}; one message takes at most an eighth.
 *
 * @param workers number of workers, each with a record ring; 1 to {@value #MAX_WORKERS}.
 * @param commandRingBytes control to data plane.
 * @param eventRingBytes data plane to control.
 * @param recordRingBytes data plane to control, each worker.
 * @param controlTimeoutNs an unchanged heartbeat for so long means that control is gone.
 */
public record AttachmentConfig(
    int workers,
    int commandRingBytes,
    int eventRingBytes,
    int recordRingBytes,
    long controlTimeoutNs) {

  /** Smallest ring. */
  public static final int MIN_RING_BYTES = 64 * 1024;

  /** Largest ring. */
  public static final int MAX_RING_BYTES = 1 << 30;

  /** Most workers. */
  public static final int MAX_WORKERS = 128;

  /** Validates everything. */
  public AttachmentConfig {
    check("workers", workers, 1, MAX_WORKERS);
    checkRing("command ring", commandRingBytes);
    checkRing("event ring", eventRingBytes);
    checkRing("record ring", recordRingBytes);
    check("control timeout (ns)", controlTimeoutNs, 1_000_000, Long.MAX_VALUE);
  }

  /** Returns 4 MiB for commands, events and each worker's records, and a timeout of 5 s. */
  public static AttachmentConfig defaults(final int workers) {
    return new AttachmentConfig(workers, 4 << 20, 4 << 20, 4 << 20, 5_000_000_000L);
  }

  private static void checkRing(final String name, final int bytes) {
    check(name + " (bytes)", bytes, MIN_RING_BYTES, MAX_RING_BYTES);
    if (!BitUtil.isPowerOfTwo(bytes)) {
      throw new IllegalArgumentException(
          name + " of " + bytes + " bytes: must be a power of two, such as " + (4 << 20));
    }
  }

  private static void check(final String name, final long value, final long min, final long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " is " + value + ": must be " + min + " to " + max);
    }
  }
}
