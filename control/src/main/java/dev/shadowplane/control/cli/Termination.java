package dev.shadowplane.control.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Waits for SIGTERM or SIGINT. The JVM would end with status 143 or 130 after either; an end that
 * was asked for and went well has status 0.
 */
final class Termination {
  private static final long WATCHDOG_SECONDS = 5;

  /** Stands for the exit status that the process has anyway. */
  static final int AS_IT_IS = -1;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile int status;

  /** From now on a signal waits for {@link #done()}, at most {@value #WATCHDOG_SECONDS} s. */
  Termination() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "termination"));
  }

  private void end() {
    asked.countDown();
    try {
      if (done.await(WATCHDOG_SECONDS, TimeUnit.SECONDS) && status != AS_IT_IS) {
        Runtime.getRuntime().halt(status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void await() throws InterruptedException {
    asked.await();
  }

  /** Whether the process was asked to end, within some time. */
  boolean await(final long time, final TimeUnit unit) throws InterruptedException {
    return asked.await(time, unit);
  }

  /** Everything is closed: the process may end. */
  void done() {
    done(0);
  }

  /** Everything is closed: the process may end with a status. */
  void done(final int exitStatus) {
    status = exitStatus;
    done.countDown();
  }
}
