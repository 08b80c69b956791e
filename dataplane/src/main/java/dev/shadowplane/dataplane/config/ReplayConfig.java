package dev.shadowplane.dataplane.config;

import java.nio.file.Path;
import java.util.List;

/**
 * What the data plane replays from and to.
 *
 * @param core the core that the replay agent is pinned to, or {@link WorkerConfig#ANY_CORE}
 * @param directory the folder of the capture files that may be replayed
 * @param ports the ports that may be replayed to, each of which gets a further transmit queue; none
 *     of them forwards
 */
public record ReplayConfig(int core, Path directory, List<String> ports) {
  /** Copies the list. */
  public ReplayConfig {
    ports = List.copyOf(ports);
  }
}
