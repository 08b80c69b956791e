package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.telemetry.RecordRings;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * Rings on their way from the thread of an attachment to that of the agent, and the word back that
 * it lets them go.
 */
final class RingHandover implements RecordRings<OneToOneRingBuffer> {
  private static final OneToOneRingBuffer[] NONE = {};

  private final AtomicInteger changes = new AtomicInteger();
  private volatile OneToOneRingBuffer[] wanted = NONE;
  private volatile boolean inUse;
  private int seen;

  @Override
  public void attached(long controlEpoch, List<OneToOneRingBuffer> ringsByWorker) {
    wanted = ringsByWorker.toArray(NONE);
    changes.incrementAndGet();
  }

  @Override
  public void detach() {
    wanted = NONE;
    changes.incrementAndGet();
  }

  @Override
  public boolean released() {
    return wanted.length == 0 && !inUse;
  }

  /** Whether the agent is to take other rings. On the agent's thread, as all below. */
  boolean changed() {
    return changes.get() != seen;
  }

  /** The rings to use from now on instead of those before. */
  OneToOneRingBuffer[] take() {
    seen = changes.get();
    // Announced before it is known which: a detachment too late to be seen here finds them in use.
    inUse = true;
    final OneToOneRingBuffer[] rings = wanted;
    inUse = rings.length > 0;
    return rings;
  }

  /** The agent touches no ring any more. */
  void close() {
    inUse = false;
  }
}
