package dev.shadowplane.control.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Learns of SIGTERM or SIGINT. The JVM would end with status 143 or 130 after either; an end that
 * was asked for has the status given to {@link #done(int)}, 0 when all went well.
 */
final class Termination implements AutoCloseable {
  /** Stands for the exit status that the process has anyway. */
  static final int AS_IT_IS = -1;

  private static final long WATCHDOG_MS = 5_000;

  private final long patienceMs;
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::end, "termination");
  private volatile int status = AS_IT_IS;

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
      if (done.await(patienceMs, TimeUnit.MILLISECONDS) && status != AS_IT_IS) {
        Runtime.getRuntime().halt(status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void await() throws InterruptedException {
    asked.await();
  }

  /** Whether there was a signal, or is one within some time. */
  boolean await(final long time, final TimeUnit unit) throws InterruptedException {
    return asked.await(time, unit);
  }

  /** Whether there was a signal. */
  boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Everything is closed and went well: the process may end. */
  void done() {
    done(0);
  }

  /** Everything is closed: the process may end with a status, or {@link #AS_IT_IS}. */
  void done(final int exitStatus) {
    status = exitStatus;
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
