package dev.shadowplane.dataplane.analytics;

/** Waits for threads that are about to end. */
final class ThreadEnd {
  private ThreadEnd() {}

  /** Waits until it has ended, also when interrupted, which is kept for the caller. */
  static void await(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
