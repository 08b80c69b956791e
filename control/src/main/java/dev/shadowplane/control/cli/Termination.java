package dev.shadowplane.control.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Learns of SIGTERM or SIGINT. The JVM would end with status 143 or 130 after either; an end that
 * was asked for and went well has status 0.
 */
final class Termination implements AutoCloseable {
  private static final long WATCHDOG_MS = 5_000;

  private final long patienceMs;
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::end, "termination");
  private volatile boolean well;

  /**
   * From now on a signal waits for {@link #done()} or {@link #close()}, at most {@value
   * #WATCHDOG_MS} ms.
   */
  Termination() {
    this(WATCHDOG_MS);
  }

  /** The same with another patience. */
  Termination(final long patienceMs) {
    this.patienceMs = patienceMs;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void end() {
    asked.countDown();
    try {
      if (done.await(patienceMs, TimeUnit.MILLISECONDS) && well) {
        Runtime.getRuntime().halt(0);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void await() throws InterruptedException {
    asked.await();
  }

  /** Whether there was a signal. */
  boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Everything is closed and went well: the process may end. */
  void done() {
    well = true;
    done.countDown();
  }

  /** Signals need wait for nothing from here on. */
  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // It is running.
    }
  }
}
