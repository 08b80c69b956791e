package dev.shadowplane.control.shadow;

import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/** Runs what concerns one network one after the other, on threads that networks share. */
final class SerialQueue {
  private static final int MAX_WAITING = 64;

  private final String name;
  private final ExecutorService threads;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean running;
  private boolean looking;

  SerialQueue(final String name, final ExecutorService threads) {
    this.name = name;
    this.threads = threads;
  }

  /** Runs a task after those that wait; the future completes with what it returns or throws. */
  <T> CompletableFuture<T> submit(final Callable<T> task) {
    final CompletableFuture<T> result = new CompletableFuture<>();
    add(() -> {
      try {
        result.complete(task.call());
      } catch (Exception | Error e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  /** Runs a look unless one waits already. */
  synchronized void look(final Runnable task) {
    if (!looking && waiting.size() < MAX_WAITING) {
      looking = true;
      add(() -> {
        synchronized (this) {
          looking = false;
        }
        task.run();
      });
    }
  }

  /** Whether nothing runs or waits. */
  synchronized boolean idle() {
    return !running;
  }

  /** Whether nothing waits behind what runs. */
  synchronized boolean last() {
    return waiting.isEmpty();
  }

  private synchronized void add(final Runnable task) {
    if (waiting.size() >= MAX_WAITING) {
      throw new ShadowException(
          ShadowException.Reason.BUSY,
          MAX_WAITING + " operations wait for network " + name + " already: try again later");
    }
    waiting.add(task);
    if (!running) {
      running = true;
      threads.execute(this::run);
    }
  }

  private void run() {
    final Runnable task;
    synchronized (this) {
      task = waiting.remove();
    }
    try {
      task.run();
    } finally {
      synchronized (this) {
        // To the end of the line of all networks, so that a busy one does not keep others waiting.
        if (waiting.isEmpty() || threads.isShutdown()) {
          running = false;
        } else {
          threads.execute(this::run);
        }
      }
    }
  }
}
