package dev.shadowplane.control.shadow;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks at a network again after a pass failed: later after each further failure. */
final class Retry {
  private static final long MAX_MS = TimeUnit.MINUTES.toMillis(1);

  private final ScheduledExecutorService timer;
  private final long firstMs;
  private final long maxMs;
  private final Runnable look;
  private long delayMs;
  private @Nullable Future<?> next;

  Retry(final ScheduledExecutorService timer, final Settings settings, final Runnable look) {
    this.timer = timer;
    this.firstMs = settings.retryAfter().toMillis();
    this.maxMs = Math.max(MAX_MS, settings.lookEvery().toMillis());
    this.look = look;
    this.delayMs = firstMs;
  }

  /** Takes note of a pass. */
  synchronized void after(final boolean settled) {
    if (next != null) {
      next.cancel(false);
      next = null;
    }
    if (settled) {
      delayMs = firstMs;
      return;
    }
    try {
      next = timer.schedule(look, delayMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closed: the next start looks at everything.
      next = null;
    }
    delayMs = Math.min(2 * delayMs, maxMs);
  }
}
