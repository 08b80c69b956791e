package dev.shadowplane.dataplane.config;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two ports that forward to each other.
 *
 * @param a the name of one
 * @param b the name of the other
 */
public record ForwardPair(String a, String b) {
  /**
   * The ports that forward.
   *
   * @param workers of a configuration
   * @return their names
   */
  public static Set<String> portsOf(List<WorkerConfig> workers) {
    return workers.stream()
        .flatMap(worker -> worker.pairs().stream())
        .flatMap(pair -> Stream.of(pair.a(), pair.b()))
        .collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return a + "<->" + b;
  }
}
