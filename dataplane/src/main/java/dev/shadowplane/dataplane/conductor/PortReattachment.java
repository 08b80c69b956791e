package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.port.Port;
import dev.shadowplane.dataplane.port.PortInterface;
import dev.shadowplane.dataplane.port.PortSet;
import dev.shadowplane.dataplane.replay.ReplayAgent;
import dev.shadowplane.dpdk.DpdkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets go of a port whose kernel interface is gone, and takes it again when one of that name is
 * back. Workers go on meanwhile: the port's queues are idle, so that nothing comes from it and what
 * is sent to it is shed and counted. The conductor's thread.
 */
final class PortReattachment {
  private final List<WorkerHandle> workers;
  private final @Nullable ReplayAgent replays;
  private final Consumer<String> log;
  private final List<Row> rows = new ArrayList<>();

  /** A port on an interface. */
  private static final class Row {
    private final Port port;
    private final PortInterface kernel;
    private boolean leaving;
    private boolean quiet;
    private String said = "";

    private Row(Port port, PortInterface kernel) {
      this.port = port;
      this.kernel = kernel;
    }
  }

  PortReattachment(
      PortSet ports,
      List<WorkerHandle> workers,
      @Nullable ReplayAgent replays,
      Consumer<String> log) {
    this.workers = workers;
    this.replays = replays;
    this.log = log;
    for (Port port : ports.all()) {
      PortInterface.of(port).ifPresent(kernel -> rows.add(new Row(port, kernel)));
    }
  }

  /** Looks after the interface of a port, and returns whether the port has it. */
  boolean hasInterface(Port port) {
    for (Row row : rows) {
      if (row.port.equals(port)) {
        look(row);
        return port.eth().isAttached() && !row.leaving;
      }
    }
    return true;
  }

  private void look(Row row) {
    if (!row.port.eth().isAttached()) {
      attach(row);
    } else if (!row.leaving && row.kernel.isGone()) {
      row.leaving = true;
      row.port.eth().idle();
      workers.forEach(WorkerHandle::renewPlan);
      if (replays != null) {
        replays.hold();
      }
    }
  }

  private void attach(Row row) {
    final Optional<String> obstacle = row.kernel.obstacle();
    if (obstacle.isPresent()) {
      say(row, "not attached: " + obstacle.get());
      return;
    }
    try {
      row.port.eth().attach();
      say(row, "attached to " + row.kernel.name() + " again");
    } catch (DpdkException e) {
      say(row, "not attached: " + e.getMessage());
    }
  }

  /** Detaches devices that neither a worker nor a replay uses any more. */
  int poll() {
    int work = 0;
    for (Row row : rows) {
      if (row.leaving && !row.quiet && isLeft()) {
        row.quiet = true;
        if (replays != null) {
          replays.release();
        }
      }
      if (row.quiet) {
        work += row.kernel.isReplaceable() ? 1 : 0;
        detach(row);
      }
    }
    return work;
  }

  private boolean isLeft() {
    return workers.stream().allMatch(WorkerHandle::hasLeftOldPlans)
        && (replays == null || replays.isHeld());
  }

  private void detach(Row row) {
    final String gone = "its interface " + row.kernel.name() + " is gone";
    if (!row.kernel.isReplaceable()) {
      say(row, gone + ", and this device takes no other: restart the data plane when it is back");
      return;
    }
    row.leaving = false;
    row.quiet = false;
    try {
      row.port.eth().detach();
      say(row, "detached, as " + gone);
    } catch (DpdkException e) {
      say(row, "not detached: " + e.getMessage());
    }
  }

  /** Once, however often it is asked for. */
  private void say(Row row, String line) {
    if (!line.equals(row.said)) {
      row.said = line;
      log.accept("port " + row.port.config().name() + ": " + line);
    }
  }
}
