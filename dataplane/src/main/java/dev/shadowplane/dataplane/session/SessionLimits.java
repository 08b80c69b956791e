package dev.shadowplane.dataplane.session;

import java.util.concurrent.TimeUnit;

/**
 * What reassembly may take.
 *
 * @param sessions connections known at once, those that are over but may still be heard of among
 *     them; the one heard of the longest ago makes room
 * @param heldBytes bytes held out of order in one direction of a session
 * @param allHeldBytes bytes held out of order in all sessions
 * @param idleNs a session that is not heard of for so long is over
 */
public record SessionLimits(int sessions, int heldBytes, long allHeldBytes, long idleNs) {
  /** 65,536 sessions, 4 MiB each, 64 MiB together, 10 minutes. */
  public static final SessionLimits DEFAULT =
      new SessionLimits(1 << 16, 4 << 20, 64L << 20, TimeUnit.MINUTES.toNanos(10));
}
