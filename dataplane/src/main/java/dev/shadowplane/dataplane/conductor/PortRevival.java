package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.replay.ReplayAgent;
import dev.shadowplane.dpdk.DpdkException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Restarts a port whose physical function was reset, one at a time, while every worker and the
 * replay agent keep away from its queues: that takes milliseconds. The conductor's thread.
 */
final class PortRevival {
  private final List<WorkerHandle> workers;
  private final @Nullable ReplayAgent replays;
  private final Consumer<String> log;
  private @Nullable Port waiting;
  private @Nullable Port revived;

  PortRevival(List<WorkerHandle> workers, @Nullable ReplayAgent replays, Consumer<String> log) {
    this.replays = replays;
    this.workers = workers;
    this.log = log;
  }

  /** Begins; {@link #poll} goes on with it once no worker uses a queue. */
  void begin(Port port) {
    if (waiting == null) {
      waiting = port;
      workers.forEach(WorkerHandle::hold);
      if (replays != null) {
        replays.hold();
      }
    }
  }

  int poll() {
    final Port port = waiting;
    if (port == null
        || !workers.stream().allMatch(WorkerHandle::isHeld)
        || (replays != null && !replays.isHeld())) {
      return 0;
    }
    waiting = null;
    try {
      port.eth().restart();
      revived = port;
    } catch (DpdkException e) {
      log.accept("port " + port.config().name() + ": not restarted yet: " + e.getMessage());
    } finally {
      workers.forEach(WorkerHandle::release);
      if (replays != null) {
        replays.release();
      }
    }
    return 1;
  }

  /** Whether it has been restarted; told once. */
  boolean hasRevived(Port port) {
    if (port.equals(revived)) {
      revived = null;
      return true;
    }
    return false;
  }
}
