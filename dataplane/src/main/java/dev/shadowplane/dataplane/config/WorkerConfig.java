package dev.shadowplane.dataplane.config;

import java.util.List;

/**
 * A worker and what it polls.
 *
 * @param core the core it is pinned to, or {@link #ANY_CORE}
 * @param pairs what it forwards
 */
public record WorkerConfig(int core, List<ForwardPair> pairs) {
  /** Not pinned: for tests, and for hosts with fewer cores than busy threads. */
  public static final int ANY_CORE = -1;

  /** Copies the list. */
  public WorkerConfig {
    pairs = List.copyOf(pairs);
  }
}
