package dev.shadowplane.dataplane.replay;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What there is to say about a replay at one moment.
 *
 * @param name of the replay
 * @param state what it is doing
 * @param firstNs the time of the first frame of the source, since the epoch; 0 before it is known
 * @param readBytes how much of the source has been read, or {@link FrameSource#UNKNOWN}
 * @param sizeBytes how long the source is, or {@link FrameSource#UNKNOWN}
 * @param linkUp whether the port's link is up
 * @param problem why the source could not be read to its end, or null
 * @param counters by label
 */
public record ReplayStatus(
    String name,
    ReplayState state,
    long firstNs,
    long readBytes,
    long sizeBytes,
    boolean linkUp,
    @Nullable String problem,
    Map<String, Long> counters) {
  /** Copies the map. */
  public ReplayStatus {
    counters = new LinkedHashMap<>(counters);
  }

  /**
   * A counter.
   *
   * @param what its label
   * @return its value
   */
  public long count(String what) {
    return counters.getOrDefault(what, 0L);
  }

  /**
   * The same as a mapping, for commands.
   *
   * @return plain values
   */
  public Map<String, Object> toMap() {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("state", state.label());
    map.put("first-ns", firstNs);
    map.put("read-bytes", readBytes);
    map.put("size-bytes", sizeBytes);
    map.put("link-up", linkUp);
    if (problem != null) {
      map.put("problem", problem);
    }
    map.put("counters", counters);
    return map;
  }
}
