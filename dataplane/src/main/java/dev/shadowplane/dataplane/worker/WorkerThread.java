package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dpdk.DpdkThread;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * A thread that polls for one worker, on its own core, registered with DPDK. It is prepared before
 * there is a worker, because what warms it up must run on it and ports must not take traffic before
 * that.
 */
public final class WorkerThread implements AutoCloseable {
  private final int core;
  private final Thread thread;
  private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Worker> assigned = new CompletableFuture<>();
  private volatile boolean running = true;

  /**
   * Starts the thread.
   *
   * @param core to pin it to; negative leaves it where the scheduler puts it
   * @param factory makes the platform thread
   * @param preparation run on it, pinned and registered, before {@link #awaitReady} returns
   */
  public WorkerThread(int core, ThreadFactory factory, Runnable preparation) {
    this.core = core;
    this.thread = factory.newThread(() -> run(preparation));
    thread.start();
  }

  /**
   * Waits until the thread is pinned, registered and prepared.
   *
   * @throws RuntimeException what went wrong there
   */
  public void awaitReady() {
    try {
      ready.join();
    } catch (java.util.concurrent.CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * Lets it poll.
   *
   * @param worker from now on this thread's alone
   */
  public void poll(Worker worker) {
    assigned.complete(worker);
  }

  /**
   * The thread.
   *
   * @return for measuring what it allocates
   */
  public Thread thread() {
    return thread;
  }

  private void run(Runnable preparation) {
    boolean registered = false;
    try {
      DpdkThread.register();
      registered = true;
      if (core >= 0) {
        DpdkThread.pin(core);
      }
      preparation.run();
      ready.complete(null);
      final @Nullable Worker worker = assigned.join();
      if (worker != null) {
        if (core >= 0) {
          // Since then all threads may have been sent elsewhere.
          DpdkThread.pin(core);
        }
        run(worker);
      }
    } catch (RuntimeException | Error e) {
      ready.completeExceptionally(e);
      throw e;
    } finally {
      if (registered) {
        DpdkThread.unregister();
      }
    }
  }

  private void run(Worker worker) {
    while (running) {
      try {
        while (running) {
          worker.doWork();
        }
      } catch (InternalError e) {
        // Control cut a ring's file short. The JVM may tell of it here, after the duty cycle.
        worker.recover();
      }
    }
  }

  /** Ends the thread after the duty cycle it is in, and waits for it. */
  @Override
  public void close() {
    running = false;
    assigned.complete(null);
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
