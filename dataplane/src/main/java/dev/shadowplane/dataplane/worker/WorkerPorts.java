package dev.shadowplane.dataplane.worker;

import dev.shadowplane.dataplane.mirror.MirrorTarget;
import java.util.List;

/**
 * The queues that a worker owns, of each port one.
 *
 * @param paths what it forwards, polled in turn
 * @param targets the ports that rules may mirror to; plans refer to them by index
 * @param shadows what it takes from shadow networks
 */
public record WorkerPorts(
    List<ForwardPath> paths, List<MirrorTarget> targets, List<ShadowPort> shadows) {
  /** Copies the lists. */
  public WorkerPorts {
    paths = List.copyOf(paths);
    targets = List.copyOf(targets);
    shadows = List.copyOf(shadows);
  }
}
