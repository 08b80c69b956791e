package dev.shadowplane.dataplane.telemetry;

import java.util.List;

/**
 * Whoever uses the packet-record rings of one attachment after another: the workers on the side of
 * the data plane, analytics on the side of control. The attachment calls these methods from its own
 * thread, in the order attached, detach, released (until true), attached, and so on. It unmaps the
 * rings once released() has answered true, so a ring touched after that ends the process.
 *
 * @param <R> {@link RecordRing} for the data plane, {@link
 *     org.agrona.concurrent.ringbuffer.OneToOneRingBuffer} for control.
 */
public interface RecordRings<R> {
  /**
   * Hands over fresh rings.
   *
   * @param controlEpoch the attachment they belong to.
   * @param ringsByWorker one a worker, by index of the worker; immutable.
   */
  void attached(long controlEpoch, List<R> ringsByWorker);

  /** Asks that the rings be let go. Must not wait for it. */
  void detach();

  /** Returns true once no thread will touch the rings again. Must not wait. */
  boolean released();
}
